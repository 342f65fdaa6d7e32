"""The caches of headers, whose size is bounded in bytes."""

import base64
import tracemalloc
from collections.abc import Callable

import pytest
from hpack import Encoder

from mirastack_sdk._wire.grpc.request_check import BearerToken, RequestCheck
from mirastack_sdk._wire.http2.codes import PREFACE, ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import (
    HeaderWriter,
    header_frames,
    rst_stream_frame,
    settings_frame,
)
from mirastack_sdk._wire.http2.header_cache import HeaderCache

FIELDS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/test.Notes/Echo"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
]
MOST_MEMORY = 250_000


@pytest.mark.parametrize(
    "repeated",
    [[("x", "y" * 600)] * 6, [("x", "y")] * 60, [("x", "y" * 3_000)], []],
    ids=["a few large fields", "many small fields", "one large field", "usual fields"],
)
def test_few_bytes_of_a_stranger_leave_little(repeated: list[tuple[str, str]]) -> None:
    """What a connection remembers of header blocks is bounded, however much they expand to."""
    encoder = Encoder()
    first = header_frames(1, encoder.encode(FIELDS + repeated), 16_384, end_stream=True)
    server = Connection(Role.SERVER)
    server.receive(PREFACE + settings_frame([]) + first, 0.0)
    server.receive(
        header_frames(1, Encoder().encode(FIELDS + repeated), 16_384, end_stream=True), 0
    )
    tracemalloc.start()
    try:
        for number in range(3, 2_003, 2):
            # A literal that is not added to the table, which the indexed fields before stay in.
            block = encoder.encode(FIELDS + repeated) + b"\x00\x01n\x04%04d" % number
            sent = header_frames(number, block, 16_384, end_stream=True)
            server.receive(sent + rst_stream_frame(number, ErrorCode.CANCEL), float(number))
            server.data_to_send()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not server.ended
    assert left < MOST_MEMORY


REQUEST = (*FIELDS, ("user-agent", "stranger"))
KINDS: dict[str, Callable[[int], Headers]] = {
    "long paths": lambda number: (*REQUEST[:2], (":path", f"/{number}" + "x" * 3_000)),
    "metadata": lambda number: (*REQUEST, *((f"x-{at}", f"{number}" * 20) for at in range(50))),
    "bytes": lambda number: (*REQUEST, ("x-bin", base64.b64encode(b"%d" % number * 500).decode())),
    "cookies": lambda number: (*REQUEST, *(("cookie", f"{number}={at}") for at in range(60))),
    "tokens": lambda number: (*REQUEST, ("authorization", f"Bearer {number}" + "y" * 2_000)),
    "types": lambda number: (*REQUEST[:4], ("content-type", f"text/{number}" + "z" * 2_000)),
    "timeouts": lambda number: (*REQUEST, ("grpc-timeout", f"{number}m"), ("x", "y" * 3_000)),
    "too large": lambda number: (*REQUEST, ("x", f"{number}" * 5_000)),
}


@pytest.mark.parametrize("bearer", [None, BearerToken(lambda: "right")], ids=["open", "token"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_requests_that_differ_leave_little(
    kind: Callable[[int], Headers], bearer: BearerToken | None
) -> None:
    """What is remembered of checked requests is bounded, whether they are accepted or not."""
    check = RequestCheck({"/test.Notes/Echo"}, bearer)
    check.check(kind(0))
    tracemalloc.start()
    try:
        for number in range(300):
            check.check(kind(number))
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < MOST_MEMORY


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_headers_that_are_sent_leave_little(kind: Callable[[int], Headers]) -> None:
    """The same for what a connection writes, such as metadata of the author's."""
    writer = HeaderWriter()
    writer.write(kind(0))
    tracemalloc.start()
    try:
        for number in range(300):
            writer.write(kind(number))
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < MOST_MEMORY


def test_a_cache_is_emptied_before_it_grows_too_large() -> None:
    """Entries are kept until there are too many, or too many bytes."""
    cache: HeaderCache[int, str] = HeaderCache()
    for number in range(128):
        cache.keep(number, "kept", (("a", "b"),))
    assert len(cache.entries) == 128
    cache.keep(128, "kept", (("a", "b"),))
    assert list(cache.entries) == [128]
    for number in range(1_000, 1_100):
        cache.keep(number, "kept", (("a", "b" * 4_000),))
    assert 0 < len(cache.entries) < 20


@pytest.mark.parametrize("headers", [(("a", "b" * 5_000),), (("a", "b"),) * 65])
def test_large_header_lists_are_left_out(headers: tuple[tuple[str, str], ...]) -> None:
    """They would push out everything else."""
    cache: HeaderCache[int, str] = HeaderCache()
    cache.keep(1, "usual", (("a", "b"),))
    cache.keep(2, "large", headers)
    cache.keep(3, "with a large key", (("a", "b"),), also=5_000)
    assert list(cache.entries) == [1]
