"""Ways to respond to a call, and a link to an engine that responds in that way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import HEARTBEAT
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from tests.reliability.bad_engines.engine import (
    ONE_AT_A_TIME,
    ByteEngine,
    HangUp,
    Response,
    good,
    head,
    link_to,
    options_of,
    serving,
)
from tests.wire.http2.conformance import frames


def status(number: str) -> Response:
    """Respond with a gRPC status."""
    return lambda stream: frames.headers(stream, head(("grpc-status", number)), end=True)


def reset(code: int) -> Response:
    """Reset the call."""
    return lambda stream: frames.rst_stream(stream, code)


def hang_up(stream: int) -> bytes:
    """Close the connection."""
    raise HangUp


def leave(stream: int) -> bytes:
    """Send GOAWAY, which reports the call as unprocessed."""
    raise HangUp(frames.goaway(stream - 2 if stream > 1 else 0))


def leave_after(stream: int) -> bytes:
    """Send GOAWAY, then the response."""
    return frames.goaway(stream) + good(stream)


def in_turn(*answers: Response) -> Response:
    """Use the next response for each call, and the last one again and again."""
    left = list(answers)

    def answer(stream: int) -> bytes:
        return (left.pop(0) if len(left) > 1 else left[0])(stream)

    return answer


async def beat(link: EngineLink, *, timeout: float = 5.0) -> bool:
    """Send a heartbeat, which its caller repeats later."""
    request = wire.HeartbeatRequest(name="my_agent")
    reply = await link.call(HEARTBEAT, request, timeout)
    return reply.acknowledged


@asynccontextmanager
async def engine_and_link(
    answer: Response, *, first_bytes: bytes | None = ONE_AT_A_TIME, hurry: float = 0.1
) -> AsyncIterator[tuple[ByteEngine, EngineLink]]:
    """Serve an engine, and make an agent's link to it."""
    async with serving(ByteEngine(answer=answer, first_bytes=first_bytes)) as engine:
        link = link_to(engine.port, options=options_of(hurry=hurry))
        try:
            yield engine, link
        finally:
            link.close()
