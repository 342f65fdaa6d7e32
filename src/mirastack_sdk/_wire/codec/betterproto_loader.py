"""betterproto, imported without modules that our messages do not need.

Those were a fifth of an agent's start: importlib.metadata for betterproto's own version, dateutil's
parser for dates in JSON, and all of Google's well-known types. While betterproto is imported,
stand-ins replace them: the version that we depend on, a function that imports the parser when it is
called, and twelve types instead of sixty. Afterwards the stand-ins are removed from `sys.modules`,
so that other code imports the real modules. Modules that were already imported are not replaced.
"""

import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from types import ModuleType

__all__ = ["STAND_INS", "VERSION", "betterproto"]

VERSION = "2.0.0b7"
_PARSER = "dateutil.parser"
_WELL_KNOWN = "betterproto.lib.google.protobuf"


def _isoparse(text: str) -> datetime:
    parse: Callable[[str], datetime] = import_module(_PARSER).isoparse
    return parse(text)


def _well_known_type(name: str) -> object:
    # Imported on access, because the types derive from betterproto's message.
    return getattr(import_module("mirastack_sdk._wire.codec.well_known_types"), name)


STAND_INS: Mapping[str, Mapping[str, object]] = {
    "betterproto._version": {"__version__": VERSION},
    _PARSER: {"isoparse": _isoparse},
    # The names that betterproto uses are in Python's own `typing` now.
    "typing_extensions": vars(typing),
    _WELL_KNOWN: {"__getattr__": _well_known_type},
}


@contextmanager
def _standing_in() -> Iterator[None]:
    ours = {name: ModuleType(name) for name in STAND_INS if name not in sys.modules}
    for name, module in ours.items():
        vars(module).update(STAND_INS[name])
    sys.modules.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del sys.modules[name]


with _standing_in():
    import betterproto
