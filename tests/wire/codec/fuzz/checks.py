"""The promises for any bytes that a codec reads."""

import tracemalloc
from collections.abc import Callable

from tests.wire.codec.counts import calls

_BASE_BYTES = 200_000
_BYTES_PER_BYTE = 400
_BASE_CALLS = 100
_CALLS_PER_BYTE = 8

type Read = Callable[[bytes], object]


def assert_linear(read: Read, data: bytes) -> None:
    """Fail if reading an input takes calls out of proportion to it."""
    taken = calls(lambda: read(data))
    allowed = _BASE_CALLS + _CALLS_PER_BYTE * len(data)
    assert taken <= allowed, f"{taken} calls for {data.hex()}"


def assert_frugal(read: Read, data: bytes) -> None:
    """Fail if reading an input takes memory out of proportion to it. Needs tracemalloc."""
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    read(data)
    _, peak = tracemalloc.get_traced_memory()
    allowed = _BASE_BYTES + _BYTES_PER_BYTE * len(data)
    assert peak - before <= allowed, f"{peak - before} bytes for {data.hex()}"
