"""Engines that send GOAWAY: once, repeatedly, and without waiting."""

import asyncio

import grpc
import grpc.aio
import pytest

from tests.reliability.bad_engines.engine import (
    ByteEngine,
    Response,
    good,
    link_to,
    options_of,
    read,
    serving,
    write,
)
from tests.reliability.faults.recovery import all_answered
from tests.wire.http2.conformance import frames

NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CALM = 0, 2, 7, 11
SERVICE = "mirastack.plugin.v1.EngineService"


def _draining(stream: int) -> bytes:
    """Leave as grpc-go does: a first GOAWAY, then one with the last stream, and its response."""
    return (
        frames.goaway(frames.LARGEST, NO_ERROR, b"max_age")
        + frames.ping(b"\x01\x06\x01\x08\0\x03\x03\x09")
        + frames.goaway(stream)
        + good(stream)
    )


def _leaving(last: int, code: int, reason: bytes = b"") -> Response:
    return lambda stream: frames.goaway(max(0, stream + last), code, reason)


LEAVING = {
    "in order, as grpc-go does": _draining,
    "before the call": _leaving(-2, NO_ERROR),
    "with an error, before the call": _leaving(-2, INTERNAL_ERROR),
    "for too many pings, before the call": _leaving(-2, CALM, b"too_many_pings"),
    "overloaded, before the call": _leaving(-2, REFUSED_STREAM),
}


@pytest.mark.parametrize("answer", LEAVING.values(), ids=LEAVING)
async def test_an_engine_that_leaves_loses_no_call(answer: Response) -> None:
    """Calls that the engine did not process before GOAWAY succeed on the next connection.

    This includes writes, because the engine says that it did not process them.
    """
    many = frames.settings((3, 1_000))
    async with serving(ByteEngine(first_bytes=many, answer=answer)) as engine:
        link = link_to(engine.port, options=options_of(hurry=0.1))
        try:
            waiting = [asyncio.create_task(write(link)) for _ in range(20)]
            await engine.until(lambda: engine.calls > 0)
            engine.first_bytes, engine.answer = many, good
            await all_answered(waiting)
            assert engine.connections == 2
        finally:
            link.close()


async def test_an_engine_that_leaves_and_closes_on_a_read() -> None:
    """A read that GOAWAY accepted is retried if the connection closes without its response."""
    many = frames.settings((3, 1_000))
    async with serving(ByteEngine(first_bytes=many, answer=_leaving(0, INTERNAL_ERROR))) as engine:
        link = link_to(engine.port, options=options_of(hurry=0.1))
        try:
            waiting = asyncio.create_task(read(link))
            await engine.until(lambda: engine.calls > 0)
            engine.answer = good
            for writer in engine.open:
                writer.close()
            await all_answered([waiting])
        finally:
            link.close()


async def test_a_limited_connection_age_loses_nothing() -> None:
    """None of 1,000 writes is lost where grpcio ends each connection after 30 ms."""
    peers: set[str] = set()

    async def answer(data: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        peers.add(context.peer())
        return b"\x08\x01"

    age = (("grpc.max_connection_age_ms", 30), ("grpc.max_connection_age_grace_ms", 10_000))
    server = grpc.aio.server(options=age)
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
    methods = grpc.method_handlers_generic_handler(SERVICE, {"CacheSet": handler})
    server.add_generic_rpc_handlers((methods,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    link = link_to(port, encoding="proto")

    async def caller() -> list[bool]:
        return [await write(link) for _ in range(50)]

    try:
        answers = await asyncio.gather(*(caller() for _ in range(20)))
    finally:
        link.close()
        await server.stop(None)
    assert answers == [[True] * 50] * 20
    assert len(peers) > 2
