"""gRPC's interoperability cases for unary calls: grpcio calls our server."""

import asyncio
import base64
from collections.abc import Iterator

import grpc
import grpc.aio
import pytest

from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused, Status
from tests.wire.interop.peers import (
    SERVICE,
    TIMEOUT,
    UNARY_CALL,
    grpcio_channel,
    serving,
    unary_call,
)

SPECIAL_MESSAGE = "\t\nwhitespace\r\nand Unicode BMP ☺ and non-BMP 😈 and 100% percent %41\t\n"


async def test_empty_unary() -> None:
    """empty_unary: an empty request gets an empty response."""
    async with serving() as server, grpcio_channel(server.port) as channel:
        assert await unary_call(channel)(b"", timeout=TIMEOUT) == b""


@pytest.mark.parametrize(
    ("sent", "answered"),
    [(271_828, 314_159), (1, 314_159), (271_828, 1), (5_000_000, 6_000_000)],
)
async def test_large_unary(sent: int, answered: int) -> None:
    """large_unary: messages larger than a frame, a stream's window and a socket's buffers."""
    received: list[int] = []

    async def respond(data: bytes) -> bytes:
        received.append(len(data))
        return b"\0" * answered

    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        assert await unary_call(channel)(b"\0" * sent, timeout=TIMEOUT) == b"\0" * answered
    assert received == [sent]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (Status.UNKNOWN, "test status message"),
        (Status.UNKNOWN, SPECIAL_MESSAGE),
        (Status.DATA_LOSS, ""),
    ],
    ids=["status_code_and_message", "special_status_message", "no message"],
)
async def test_a_status_and_its_message_arrive(status: Status, message: str) -> None:
    """A call that a handler ends has its status and its complete message."""

    async def refuse(data: bytes) -> bytes:
        raise CallRefused(status, message)

    async with serving(refuse) as server, grpcio_channel(server.port) as channel:
        error = await failure(channel)
    assert (error.code().value[0], error.details()) == (status.value, message)


async def test_every_status_arrives() -> None:
    """All of gRPC's status codes that are errors mean the same on both sides."""
    statuses: Iterator[Status] = iter([status for status in Status if status is not Status.OK])

    async def refuse(data: bytes) -> bytes:
        raise CallRefused(next(statuses), "")

    async with serving(refuse) as server, grpcio_channel(server.port) as channel:
        codes = [(await failure(channel)).code() for _ in range(len(Status) - 1)]
    assert codes == [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]


@pytest.mark.parametrize(
    "path",
    [f"/{SERVICE}/UnimplementedCall", "/grpc.testing.UnimplementedService/UnimplementedCall"],
    ids=["unimplemented_method", "unimplemented_service"],
)
async def test_unimplemented(path: str) -> None:
    """An unknown method of a known service, and an unknown service: UNIMPLEMENTED."""
    async with serving() as server, grpcio_channel(server.port) as channel:
        error = await failure(channel, path=path)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert path in (error.details() or "")


async def test_cancel_after_begin() -> None:
    """cancel_after_begin: cancelling a call cancels its handler, and no other."""
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def respond(data: bytes) -> bytes:
        if data == b"neighbour":
            return data
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError("nothing sets it")

    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        call = unary_call(channel)(b"x", timeout=TIMEOUT)
        async with asyncio.timeout(TIMEOUT):
            waiting = asyncio.ensure_future(wait_for(call))
            await began.wait()
            assert call.cancel()
            assert await waiting is grpc.StatusCode.CANCELLED
            await cancelled.wait()
        assert await unary_call(channel)(b"neighbour", timeout=TIMEOUT) == b"neighbour"


async def test_timeout_on_sleeping_server() -> None:
    """timeout_on_sleeping_server: DEADLINE_EXCEEDED at the caller, and the handler is cancelled."""
    cancelled = asyncio.Event()

    async def sleep(data: bytes) -> bytes:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError("nothing sets it")

    async with serving(sleep) as server, grpcio_channel(server.port) as channel:
        error = await failure(channel, timeout=0.05)
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        async with asyncio.timeout(TIMEOUT):
            await cancelled.wait()


async def test_custom_metadata_reaches_the_handler() -> None:
    """custom_metadata: the handler can read the caller's metadata."""
    seen: dict[str, str] = {}

    async def respond(data: bytes) -> bytes:
        seen.update(current_call().metadata)
        return data

    sent = {"x-grpc-test-echo-initial": "test_initial_metadata_value", "x-empty": ""}
    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        await unary_call(channel)(b"x", timeout=TIMEOUT, metadata=tuple(sent.items()))
    assert seen == sent


async def test_calls_with_many_headers_keep_their_connection() -> None:
    """Many metadata in each of many answered calls are no flood: a call beside them goes on."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def respond(data: bytes) -> bytes:
        if data == b"long":
            began.set()
            await go_on.wait()
        return data

    metadata = tuple((f"x-{number}", "v") for number in range(600))
    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        call = unary_call(channel)
        waiting = asyncio.ensure_future(wait_for(call(b"long", timeout=TIMEOUT)))
        async with asyncio.timeout(TIMEOUT):
            await began.wait()
        for _ in range(60):
            assert await call(b"short", timeout=TIMEOUT, metadata=metadata) == b"short"
        go_on.set()
        assert await waiting is grpc.StatusCode.OK


async def test_binary_metadata_arrives_whole() -> None:
    """Any bytes under a `-bin` name reach the handler, as the base64 that gRPC makes of them."""
    value = bytes(range(256))
    seen: list[str] = []

    async def respond(data: bytes) -> bytes:
        seen.append(current_call().metadata["x-grpc-test-echo-trailing-bin"])
        return data

    async with serving(respond) as server, grpcio_channel(server.port) as channel:
        metadata = (("x-grpc-test-echo-trailing-bin", value),)
        await unary_call(channel)(b"x", timeout=TIMEOUT, metadata=metadata)
    (text,) = seen
    assert base64.b64decode(text + "=" * (-len(text) % 4), validate=True) == value


async def test_a_compressed_request_is_unimplemented() -> None:
    """A client that compresses gets UNIMPLEMENTED, with the accepted encodings."""
    async with (
        serving() as server,
        grpcio_channel(server.port, compression=grpc.Compression.Gzip) as channel,
    ):
        error = await failure(channel, b"x" * 10_000)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "identity" in (error.details() or "")


async def test_a_message_over_the_limit_is_resource_exhausted() -> None:
    """A request over the limit is refused by its length, and the connection stays."""
    async with serving(limit=100_000) as server, grpcio_channel(server.port) as channel:
        error = await failure(channel, b"x" * 5_000_000)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "at most 100000" in (error.details() or "")
        assert await unary_call(channel)(b"x" * 100_000, timeout=TIMEOUT) == b"x" * 100_000


async def wait_for(call: grpc.aio.UnaryUnaryCall[bytes, bytes]) -> grpc.StatusCode:
    """Return how a call ends; grpcio sends a call only once somebody awaits it."""
    return await call.code()


async def failure(
    channel: grpc.aio.Channel,
    data: bytes = b"x",
    *,
    path: str = UNARY_CALL,
    timeout: float = TIMEOUT,
) -> grpc.aio.AioRpcError:
    """Make a call that fails and return its error."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await unary_call(channel, path)(data, timeout=timeout)
    return caught.value


# More than the 64 KiB that are allowed, each in its own way.
LARGE_METADATA: dict[str, tuple[tuple[str, str | bytes], ...]] = {
    "a value of 70 KB": (("x-large", "v" * 70_000),),
    "a value of 120 KB": (("x-large", "v" * 120_000),),
    "a value of 200 KB": (("x-large", "v" * 200_000),),
    "a name": (("k" * 120_000, "v"),),
    "a binary value": (("x-large-bin", b"\xff" * 90_000),),
    "many short ones": tuple((f"x-{number}", "v") for number in range(2_500)),
    "one name again and again": (("x-same", "v" * 100),) * 1_000,
    "a token": (("authorization", "Bearer " + "t" * 100_000),),
}


@pytest.mark.parametrize("metadata", LARGE_METADATA.values(), ids=LARGE_METADATA.keys())
async def test_too_much_metadata(metadata: tuple[tuple[str, str | bytes], ...]) -> None:
    """The call is refused with RESOURCE_EXHAUSTED and the sizes; others go on meanwhile."""
    release = asyncio.Event()

    async def wait(data: bytes) -> bytes:
        if data == b"wait":
            await release.wait()
        return data

    async with serving(wait) as server, grpcio_channel(server.port) as channel:
        waiting = asyncio.ensure_future(unary_call(channel)(b"wait", timeout=TIMEOUT))
        for _ in range(3):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await unary_call(channel)(b"x", metadata=metadata, timeout=TIMEOUT)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "at most 65536 are allowed" in str(caught.value.details())
        assert await unary_call(channel)(b"next", timeout=TIMEOUT) == b"next"
        release.set()
        assert await waiting == b"wait"


@pytest.mark.parametrize("letter", ["x", "☺"])
async def test_a_long_status_message_does_not_replace_the_status(letter: str) -> None:
    """The message is cut to what clients accept: they take a larger one for an error of its own."""

    async def refuse(data: bytes) -> bytes:
        raise CallRefused(Status.DATA_LOSS, letter * 100_000)

    async with serving(refuse) as server, grpcio_channel(server.port) as channel:
        error = await failure(channel)
        assert error.code() is grpc.StatusCode.DATA_LOSS
        assert str(error.details()).startswith(letter * 500)
        error = await failure(channel, path="/" + "p" * 30_000)
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED
        assert str(error.details()).startswith("unknown method /ppp")


@pytest.mark.parametrize(
    "metadata",
    [(("x-large", "v" * 60_000),), tuple((f"x-{number}", "v") for number in range(1_500))],
    ids=["one value", "many"],
)
async def test_metadata_that_is_just_allowed(metadata: tuple[tuple[str, str], ...]) -> None:
    """The handler gets all of it, in as many frames as it takes."""
    seen: list[str] = []

    async def read(data: bytes) -> bytes:
        seen.extend(current_call().metadata[name] for name, _ in metadata)
        return data

    async with serving(read) as server, grpcio_channel(server.port) as channel:
        assert await unary_call(channel)(b"x", metadata=metadata, timeout=TIMEOUT) == b"x"
    assert seen == [value for _, value in metadata]
