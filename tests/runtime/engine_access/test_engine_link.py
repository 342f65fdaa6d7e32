"""The errors of calls to the engine, and what they say they were caused by."""

import asyncio

import pytest

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import HEARTBEAT
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
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
