"""betterproto, loaded without what no message of ours needs: that was a fifth of an agent's start.

To know its own version it loads importlib.metadata; to read dates out of JSON, which is not how our
messages are read, dateutil's parser; and for times and wrapped values, which the contract has none
of, all of Google's well-known types. While it is loaded, stand-ins take their places: the version
that we depend on, a function that loads the parser when it is called, and twelve types in place of
sixty. Afterwards nothing else is left of them: whoever imports such a module finds the real one.
What has been loaded before, all of betterproto perhaps, stays as it is.
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
    # Not before it is asked for: the types derive from betterproto's message.
    return getattr(import_module("mirastack_sdk._wire.codec.well_known_types"), name)


STAND_INS: Mapping[str, Mapping[str, object]] = {
    "betterproto._version": {"__version__": VERSION},
    _PARSER: {"isoparse": _isoparse},
    # What betterproto uses of it has long been Python's own.
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
