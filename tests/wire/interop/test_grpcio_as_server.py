"""gRPC's interoperability cases for unary calls: our channel calls grpcio's server."""

import asyncio

import grpc
import grpc.aio
import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.client.channel import Channel
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk.errors import MessageTooLargeError
from tests.wire.interop.peers import (
    SERVICE,
    UNARY_CALL,
    Context,
    ask,
    grpcio_server,
    our_channel,
)

SPECIAL_MESSAGE = "\t\nwhitespace\r\nand Unicode BMP ☺ and non-BMP 😈 and 100% percent %41\t\n"


async def same(data: bytes, context: Context) -> bytes:
    return data


async def test_empty_unary() -> None:
    """empty_unary: an empty response is a response."""
    async with grpcio_server(same) as port, our_channel(port) as channel:
        assert await ask(channel, b"") == b""


@pytest.mark.parametrize(
    ("sent", "answered"),
    [(271_828, 314_159), (1, 314_159), (271_828, 1), (5_000_000, 6_000_000)],
)
async def test_large_unary(sent: int, answered: int) -> None:
    """large_unary: messages larger than a frame, a stream's window and a socket's buffers."""
    received: list[int] = []

    async def answer(data: bytes, context: Context) -> bytes:
        received.append(len(data))
        return b"\0" * answered

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        assert await ask(channel, b"\0" * sent) == b"\0" * answered
    assert received == [sent]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (grpc.StatusCode.UNKNOWN, "test status message"),
        (grpc.StatusCode.UNKNOWN, SPECIAL_MESSAGE),
        (grpc.StatusCode.DATA_LOSS, ""),
    ],
    ids=["status_code_and_message", "special_status_message", "no message"],
)
async def test_a_status_and_its_message_arrive(code: grpc.StatusCode, message: str) -> None:
    """A call that the server ends has its status and its complete message."""

    async def refuse(data: bytes, context: Context) -> bytes:
        await context.abort(code, message)
        raise AssertionError("abort() raises")

    async with grpcio_server(refuse) as port, our_channel(port) as channel:
        error = await failure(channel)
    assert (error.status.value, error.message) == (code.value[0], message)


@pytest.mark.parametrize(
    "path",
    [f"/{SERVICE}/UnimplementedCall", "/grpc.testing.UnimplementedService/UnimplementedCall"],
    ids=["unimplemented_method", "unimplemented_service"],
)
async def test_unimplemented(path: str) -> None:
    """An unknown method of a known service, and an unknown service: UNIMPLEMENTED."""
    async with grpcio_server(same) as port, our_channel(port) as channel:
        error = await failure(channel, path=path)
    assert error.status is Status.UNIMPLEMENTED


async def test_cancel_after_begin() -> None:
    """cancel_after_begin: a cancelled call ends at the server, and no other."""
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def answer(data: bytes, context: Context) -> bytes:
        if data == b"neighbour":
            return data
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError("nothing sets it")

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        call = asyncio.create_task(ask(channel, b"x"))
        async with asyncio.timeout(30):
            await began.wait()
            call.cancel()
            await cancelled.wait()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await ask(channel, b"neighbour") == b"neighbour"


async def test_timeout_on_sleeping_server() -> None:
    """timeout_on_sleeping_server: the call ends at its deadline, which the server knows too."""
    remaining: list[float | None] = []

    async def sleep(data: bytes, context: Context) -> bytes:
        remaining.append(context.time_remaining())
        await asyncio.Event().wait()
        raise AssertionError("nothing sets it")

    async with grpcio_server(sleep) as port, our_channel(port) as channel:
        with pytest.raises((TimeoutError, GRPCError)) as raised:
            await ask(channel, b"x", timeout=0.2)
    # On a busy machine the server's own timer may be the first.
    assert (
        not isinstance(raised.value, GRPCError) or raised.value.status is Status.DEADLINE_EXCEEDED
    )
    (left,) = remaining
    assert left is not None
    assert 0 < left <= 0.2


async def test_custom_metadata_reaches_the_server() -> None:
    """custom_metadata: text as it is, and any bytes under a name that ends in `-bin`."""
    sent: dict[str, str | bytes] = {
        "x-grpc-test-echo-initial": "test_initial_metadata_value",
        "x-grpc-test-echo-trailing-bin": bytes(range(256)),
    }
    seen: dict[str, str | bytes] = {}

    async def answer(data: bytes, context: Context) -> bytes:
        seen.update(context.invocation_metadata() or ())
        return data

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        await ask(channel, b"x", metadata=sent)
    assert {key: value for key, value in seen.items() if key in sent} == sent


async def test_a_token_reaches_the_server() -> None:
    """A header that is never indexed is one like others to the server, in each call."""
    seen: list[object] = []

    async def answer(data: bytes, context: Context) -> bytes:
        seen.append(dict(context.invocation_metadata() or ())["authorization"])
        return data

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        channel.metadata = (BearerToken(lambda: "s3").header(),)
        for _ in range(3):
            await ask(channel, b"x")
    assert seen == ["Bearer s3"] * 3


async def test_metadata_of_the_server_disturbs_nothing() -> None:
    """A response may have initial and trailing metadata, binary too."""

    async def answer(data: bytes, context: Context) -> bytes:
        await context.send_initial_metadata((("x-initial", "a"), ("x-initial-bin", b"\0\xff")))
        context.set_trailing_metadata((("x-trailing", "b"), ("x-trailing-bin", bytes(256))))
        return data

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        assert await ask(channel, b"x") == b"x"


async def test_a_server_that_would_compress_does_not() -> None:
    """We offer no compression, so a server that is configured to compress does not."""

    async def answer(data: bytes, context: Context) -> bytes:
        context.set_compression(grpc.Compression.Gzip)
        return b"x" * 10_000

    async with grpcio_server(answer) as port, our_channel(port) as channel:
        assert await ask(channel, b"x") == b"x" * 10_000


async def test_a_reply_over_the_limit_fails_alone() -> None:
    """A response over the limit is not read, and the connection stays."""

    async def answer(data: bytes, context: Context) -> bytes:
        return b"x" * int(data)

    async with grpcio_server(answer) as port, our_channel(port, limit=100_000) as channel:
        with pytest.raises(MessageTooLargeError, match="at most 100000"):
            await ask(channel, b"5000000")
        assert await ask(channel, b"100000") == b"x" * 100_000


async def failure(channel: Channel, data: bytes = b"x", *, path: str = UNARY_CALL) -> GRPCError:
    """Make a call that fails and return its error."""
    with pytest.raises(GRPCError) as caught:
        await ask(channel, data, path=path)
    return caught.value
