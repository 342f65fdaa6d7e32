"""Frames and headers that violate HTTP/2, or are expensive to read."""

from tests.reliability.bad_engines.cases import BadEngine, each_of, meet
from tests.reliability.bad_engines.engine import ONE_AT_A_TIME, Response, good, head, trailers
from tests.wire.http2.conformance import blocks, frames
from tests.wire.raw_peer import frame as message

DONE = message(b'{"success":true}')
CLOSE_AT_ONCE = "the server broke the protocol"


def _always(data: bytes) -> Response:
    return lambda number: data


def _headers(*fields: tuple[str, str]) -> Response:
    return lambda number: frames.headers(number, blocks.block(*fields), end=True)


def _ends_connection(name: str, answer: Response, text: str) -> BadEngine:
    return BadEngine(
        name=name,
        promise="the connection ends with all its calls, which the engine may have acted on",
        answer=answer,
        reason="unavailable",
        retryable=True,
        text=text,
    )


def _ends_call(name: str, answer: Response, text: str) -> BadEngine:
    return BadEngine(
        name=name,
        promise="the call ends, and the connection stays",
        answer=answer,
        reason="invalid_reply",
        text=text,
    )


CONNECTIONS = (
    _ends_connection(
        "an answer to a call that was never made",
        lambda number: frames.headers(number + 98, head()),
        "HEADERS on an idle stream",
    ),
    _ends_connection(
        "a stream that the engine opens",
        lambda number: frames.headers(2, head()),
        "HEADERS on an idle stream",
    ),
    _ends_connection(
        "data of a call that was never made",
        lambda number: frames.data(number + 98, b"x"),
        "DATA on an idle stream",
    ),
    _ends_connection(
        "a pushed answer",
        lambda number: frames.push_promise(number, 2, blocks.request()),
        "push is not enabled",
    ),
    _ends_connection(
        "a frame larger than agreed",
        lambda number: frames.data(number, bytes(16_385)),
        "a frame of 16385 bytes is too large",
    ),
    _ends_connection("a ping of seven bytes", _always(frames.ping(b"1234567")), "PING has 7 bytes"),
    _ends_connection(
        "a window that grows too far", _always(frames.window_update(0, 2**31 - 1)), "2^31-1"
    ),
    _ends_connection(
        "a field that no table holds",
        lambda number: frames.headers(number, blocks.indexed(200)),
        CLOSE_AT_ONCE,
    ),
    _ends_connection(
        "headers that grow when they are read",
        lambda number: frames.headers(
            number, blocks.inserted("a", "x" * 4000) + blocks.indexed(62) * 100, end=True
        ),
        CLOSE_AT_ONCE,
    ),
    _ends_connection(
        "headers without an end",
        lambda number: (
            frames.headers(number, b"", whole=False)
            + frames.continuation(number, b"", whole=False) * 2_000
        ),
        "the header block is too large",
    ),
    _ends_connection(
        "headers that another frame interrupts",
        lambda number: frames.headers(number, head(), whole=False) + frames.ping(),
        "interrupted",
    ),
    _ends_connection(
        "settings without an end", _always(frames.settings((4, 65_535)) * 200), "too many"
    ),
    _ends_connection("pings without an end", _always(frames.ping() * 3_000), CLOSE_AT_ONCE),
    _ends_connection(
        "window updates without an end",
        _always(frames.window_update(0, 1) * 20_000),
        "too many WINDOW_UPDATE",
    ),
    _ends_connection(
        "empty data without an end",
        lambda number: frames.headers(number, head()) + frames.data(number) * 3_000,
        "too many useless frames",
    ),
    _ends_connection(
        "frames of no known type, without an end",
        _always(frames.unknown() * 3_000),
        "too many useless frames",
    ),
    _ends_connection(
        "informational answers without an end",
        lambda number: frames.headers(number, blocks.block((":status", "103"))) * 3_000,
        "too many useless frames",
    ),
)

CALLS = (
    _ends_call(
        "headers that are larger than the agent allows",
        lambda number: frames.headers(
            number, blocks.inserted("a", "x" * 4000) + blocks.indexed(62) * 60, end=True
        ),
        "the header list is too large",
    ),
    _ends_call("no status", _headers(("content-type", "application/grpc+json")), ":status"),
    _ends_call("two statuses", _headers((":status", "200"), (":status", "200")), ":status"),
    _ends_call("a name in upper case", _headers((":status", "200"), ("Grpc-Status", "0")), "broke"),
    _ends_call(
        "a field of HTTP/1.1's", _headers((":status", "200"), ("connection", "close")), "broke"
    ),
    _ends_call(
        "a line break in a field", _headers((":status", "200"), ("a", "b\r\nc: d")), "broke"
    ),
    _ends_call(
        "less than content-length promises",
        lambda number: (
            frames.headers(number, head(("content-length", "50")))
            + frames.data(number, DONE, end=True)
        ),
        "content-length is 50",
    ),
    _ends_call("data before headers", lambda number: frames.data(number, DONE), "DATA before"),
    _ends_call(
        "trailers that do not end",
        lambda number: (
            frames.headers(number, head())
            + frames.data(number, DONE)
            + frames.headers(number, trailers())
        ),
        "trailers do not end",
    ),
    _ends_call(
        "an informational answer that ends",
        lambda number: frames.headers(number, blocks.block((":status", "100")), end=True),
        "informational",
    ),
    _ends_call(
        "a window that overflows",
        lambda number: frames.headers(number, head()) + frames.window_update(number, 2**31 - 1),
        "the window exceeds",
    ),
)

FIRST_BYTES = tuple(
    BadEngine(
        name=name,
        promise="a connection that begins wrong carries no call, so any call may be repeated",
        first_bytes=first_bytes,
        reason="unavailable",
        retryable=True,
        text=text,
        timeout=1.2,
        hurry=1.0 if len(first_bytes) < 9 else 0.3,
    )
    for name, first_bytes, text in (
        ("a ping in place of settings", frames.ping(), "the first frame is not SETTINGS"),
        ("a frame size that nobody may have", frames.settings((5, 1)), "MAX_FRAME_SIZE must be"),
        ("push for a client", frames.settings((2, 1)), "a server cannot enable push"),
        ("settings of five bytes", frames.raw(frames.SETTINGS, 0, 0, bytes(5)), "multiple of 6"),
        ("settings on a stream", frames.raw(frames.SETTINGS, 0, 1), "SETTINGS on a stream"),
        ("half a frame of settings", b"\0\0\x06\x04", "no HTTP/2 settings"),
    )
)

WINDOWS = (
    BadEngine(
        name="no streams",
        promise="calls wait until the deadline for an engine that accepts none",
        first_bytes=frames.settings((3, 0)),
        reason="deadline_exceeded",
        retryable=True,
        text="the deadline passed while waiting for a free stream of 127.0.0.1:",
        timeout=0.2,
    ),
    BadEngine(
        name="no window",
        promise="a request that an engine does not read ends at its deadline",
        first_bytes=ONE_AT_A_TIME + frames.settings((4, 0)),
        reason="deadline_exceeded",
        retryable=True,
        text="did not answer in time",
        timeout=0.2,
        size=50_000,
    ),
)


@each_of(CONNECTIONS)
async def test_what_ends_the_connection(case: BadEngine) -> None:
    """A broken connection is closed, its calls are `unavailable`, and the next one is made."""
    await meet(case)


@each_of(CALLS)
async def test_what_ends_the_call(case: BadEngine) -> None:
    """A malformed response fails only its own call."""
    await meet(case)


@each_of(FIRST_BYTES)
async def test_what_ends_the_opening(case: BadEngine) -> None:
    """A connection that could not be made says why."""
    await meet(case)


@each_of(WINDOWS)
async def test_an_engine_that_takes_nothing_in(case: BadEngine) -> None:
    """A closed window fails a call at its deadline, and affects no later call."""
    await meet(case)


def test_every_case_deviates_from_a_correct_response() -> None:
    """A correct response, from which the cases deviate, causes no error."""
    answers = [case.answer for case in CONNECTIONS + CALLS]
    assert good not in answers
