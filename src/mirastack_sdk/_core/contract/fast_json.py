"""JSON as compiled libraries write and read it: orjson, which the extra `speed` installs.

What is returned here is what the standard library returns, byte for byte. Where no library is
there, or where it would differ, the answer is `None`, and the caller asks the standard library,
which also says what is wrong with a value.

Without orjson, large texts are written by pydantic's library. Every agent has it installed, but
only agents with typed actions load it anyway; the others load it once that pays, in a thread.
"""

import sys
import threading
from collections.abc import Callable
from functools import cache

from mirastack_sdk._deferred.named_tuples import NamedTuple

type Write = Callable[[object], bytes]

# Below this many characters, pydantic's library is no faster.
LARGE = 4096
# After so many characters in large texts, pydantic's library has saved as much time as it takes to
# load.
PAYS_FROM = 16 * 1024 * 1024

_TEXT: frozenset[type] = frozenset({str})


class FastJson(NamedTuple):
    """The two functions of orjson, which raise `ValueError` or `TypeError`."""

    write: Write
    read: Callable[[bytes | str], object]


@cache
def fast_json() -> FastJson | None:
    """The functions of orjson, or `None` where it is not installed; loads it when first called."""
    try:
        import orjson  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    return FastJson(orjson.dumps, orjson.loads)


class TextsWriter:
    """Writes objects of texts as compact JSON in UTF-8."""

    def __init__(self) -> None:
        self._written_without = 0

    def write(self, members: dict[str, str]) -> bytes | None:
        """The JSON of `members`, or `None`."""
        if not _TEXT.issuperset(map(type, members.values())):
            return None
        library = fast_json()
        write = self._for_large(members) if library is None else library.write
        if write is None:
            return None
        try:
            return write(members)
        except (TypeError, ValueError):
            # A key that is no str, or text with a lone surrogate.
            return None

    def _for_large(self, members: dict[str, str]) -> Write | None:
        size = sum(map(len, members.values()))
        if size < LARGE:
            return None
        # Not an import, which would wait for the thread that is loading it.
        write: Write | None = getattr(sys.modules.get("pydantic_core"), "to_json", None)
        if write is None:
            before = self._written_without
            self._written_without += size
            if before < PAYS_FROM <= self._written_without:
                threading.Thread(target=_load, name="mirastack-json", daemon=True).start()
        return write


def _load() -> None:
    """Load pydantic's library, which takes some 50 ms."""
    import pydantic_core  # noqa: F401, PLC0415 - where it pays


TEXTS = TextsWriter()
"""The writer of this process, which counts what all results take."""


def texts_in_json(data: bytes) -> dict[str, str] | None:
    """A JSON object all of whose values are texts, or `None`.

    Other values are for readers that keep numbers as they are written.
    """
    library = fast_json()
    if library is None:
        return None
    try:
        value = library.read(data)
    except ValueError:
        return None
    if type(value) is dict and _TEXT.issuperset(map(type, value.values())):
        return value
    return None


def is_certainly_json(data: bytes) -> bool:
    """Whether `data` is JSON in UTF-8; false also where only the standard library can tell."""
    library = fast_json()
    if library is None:
        return False
    try:
        library.read(data)
    except ValueError:
        return False
    return True
