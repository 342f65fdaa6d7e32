"""betterproto, loaded without what no message of ours needs: that was a tenth of an agent's start.

To know its own version it loads importlib.metadata; to read dates out of JSON, which is not how our
messages are read, it loads dateutil's parser. While it is loaded, stand-ins take their places: the
version that we depend on, and a function that loads the parser when it is called. Afterwards that
function is all that is left of them: whoever else imports such a module finds the real one.
"""

import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from types import ModuleType

__all__ = ["betterproto"]

_VERSION = "2.0.0b7"
_PARSER = "dateutil.parser"


def _isoparse(text: str) -> datetime:
    parse: Callable[[str], datetime] = import_module(_PARSER).isoparse
    return parse(text)


@contextmanager
def _standing_in(modules: Mapping[str, Mapping[str, object]]) -> Iterator[None]:
    """Let names be found in stand-ins, save those of modules that are loaded already."""
    ours: list[str] = []
    for name, contents in modules.items():
        if name not in sys.modules:
            sys.modules[name] = ModuleType(name)
            vars(sys.modules[name]).update(contents)
            ours.append(name)
    try:
        yield
    finally:
        for name in ours:
            del sys.modules[name]


with _standing_in(
    {
        "betterproto._version": {"__version__": _VERSION},
        _PARSER: {"isoparse": _isoparse},
        # What betterproto uses of it has long been Python's own.
        "typing_extensions": vars(typing),
    }
):
    import betterproto
