"""The errors of calls to the engine, and what they say they were caused by."""

import asyncio

import pytest

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import HEARTBEAT
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.frames import goaway_frame, settings_frame
from mirastack_sdk.errors import EngineError


def link_to(port: int) -> EngineLink:
    """Return a link to an engine at a port of this machine."""
    return EngineLink(Settings.from_mapping({"MIRASTACK_ENGINE_ADDR": f"127.0.0.1:{port}"}), "x")


async def failure_of(link: EngineLink, timeout: float) -> EngineError:
    """Return the error of a call."""
    with pytest.raises(EngineError) as caught:
        await link.call(HEARTBEAT, wire.HeartbeatRequest(name="x"), timeout)
    return caught.value


def causes_of(error: BaseException) -> list[BaseException]:
    """Return an error and its causes, each once; fails if the chain has no end."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        assert not any(following is one for one in chain)
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


async def test_the_causes_of_an_engine_error_have_an_end() -> None:
    """Also if several calls share the attempt to connect that failed."""
    link = link_to(1)
    errors = await asyncio.gather(*(failure_of(link, 1.5) for _ in range(5)))
    link.close()
    for error in errors:
        assert len(causes_of(error)) == 3
        assert isinstance(causes_of(error)[-1], OSError)


async def _say(words: bytes, writer: asyncio.StreamWriter, *, stays: bool) -> None:
    writer.write(words)
    await writer.drain()
    if not stays:
        writer.close()


SERVERS: dict[str, tuple[bytes, bool]] = {
    "closes": (b"", False),
    "silent": (b"", True),
    "http-1": (b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
    "http-1-stays": (b"HTTP/1.1 400 Bad Request\r\n\r\n", True),
    "ssh": (b"SSH-2.0-OpenSSH_9.6\r\n", True),
    "junk": (bytes(range(64)), False),
    "part-of-the-settings": (b"\0\0\6", False),
    "settings-and-goaway": (settings_frame([]) + goaway_frame(0, ErrorCode.NO_ERROR, ""), False),
    "goaway-error": (
        settings_frame([]) + goaway_frame(0, ErrorCode.INTERNAL_ERROR, "broken"),
        True,
    ),
    "settings-alone": (settings_frame([]), False),
    "settings-and-junk": (settings_frame([]) + bytes(range(64)), True),
}


@pytest.mark.parametrize(("words", "stays"), SERVERS.values(), ids=SERVERS)
async def test_no_server_makes_causes_without_an_end(words: bytes, *, stays: bool) -> None:
    """Whatever it says instead of answering, also to calls that share an attempt, and again."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await _say(words, writer, stays=stays)

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        link = link_to(server.sockets[0].getsockname()[1])
        for _ in range(2):
            errors = await asyncio.gather(*(failure_of(link, 0.05) for _ in range(3)))
            assert all(len(causes_of(error)) < 6 for error in errors)
        link.close()
        for writer in writers:
            writer.close()


async def test_an_engine_error_is_not_its_own_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes from below passes as it is."""
    link = link_to(1)
    original = EngineError("from below", reason="internal")

    async def fail(*_: object) -> None:
        raise original

    assert link._channel is not None  # noqa: SLF001 - fails in a way of its own
    monkeypatch.setattr(link._channel, "call", fail)  # noqa: SLF001 - as above
    assert await failure_of(link, 1.5) is original
    link.close()
    assert causes_of(original) == [original]
