"""The promises for any bytes that a codec reads."""

import time
import tracemalloc
from collections.abc import Callable

LONGEST_SECONDS = 0.05
"""The longest that reading one input may take."""

_BASE_BYTES = 200_000
_BYTES_PER_BYTE = 400

type Read = Callable[[bytes], object]


def assert_quick(read: Read, data: bytes, seconds: float) -> None:
    """Fail if an input takes too long to read.

    `seconds` is the time by the clock. Only an input over the limit is measured again, by the CPU
    time of the process: the machine may have been busy.
    """
    if seconds > LONGEST_SECONDS:
        seconds = min(_process_seconds(read, data) for _ in range(3))
    assert seconds <= LONGEST_SECONDS, f"{seconds:.3f} s for {data.hex()}"


def _process_seconds(read: Read, data: bytes) -> float:
    start = time.process_time()
    read(data)
    return time.process_time() - start


def assert_frugal(read: Read, data: bytes) -> None:
    """Fail if reading an input takes memory out of proportion to it. Needs tracemalloc."""
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    read(data)
    _, peak = tracemalloc.get_traced_memory()
    allowed = _BASE_BYTES + _BYTES_PER_BYTE * len(data)
    assert peak - before <= allowed, f"{peak - before} bytes for {data.hex()}"
