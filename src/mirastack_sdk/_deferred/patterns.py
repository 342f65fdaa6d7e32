"""Regular expressions that are compiled when they are first used.

Many are for what few agents ever see, such as an error's text or a TLS file, and compiling all of
them takes a twentieth of an agent's start. Type checkers see `re.compile` in `deferred_pattern`.
"""

import re
from typing import TYPE_CHECKING

__all__ = ["deferred_pattern"]

_METHODS = ("fullmatch", "match", "search", "sub", "finditer", "findall", "split")


class _DeferredPattern:
    """A pattern that is compiled, and gets its methods, when one of them is first used."""

    def __init__(self, source: str | bytes, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # Called only while there is no such attribute: from then on, callers reach the methods of
        # the compiled pattern directly.
        compiled = re.compile(self._source, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


if TYPE_CHECKING:
    from re import compile as deferred_pattern
else:
    deferred_pattern = _DeferredPattern
