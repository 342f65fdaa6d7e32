"""Regular expressions that are compiled when they are first used.

Many are for what few agents ever see, such as an error's text or a TLS file, and compiling all of
them takes a twentieth of an agent's start. `late_pattern` is `re.compile` for type checkers.
"""

import re
from typing import TYPE_CHECKING

__all__ = ["late_pattern"]

_METHODS = ("fullmatch", "match", "search", "sub", "finditer", "findall", "split")


class _LatePattern:
    """A pattern without its methods, until somebody uses one."""

    def __init__(self, source: str | bytes, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        # Called only while there is no such attribute: afterwards nothing stands between a caller
        # and the compiled pattern.
        compiled = re.compile(self._source, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


if TYPE_CHECKING:
    from re import compile as late_pattern
else:
    late_pattern = _LatePattern
