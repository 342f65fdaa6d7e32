"""With mTLS only the engine's own names may call."""

from collections.abc import AsyncIterator

import grpc.aio
import pytest

from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentCallError
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority
from tests.reliability.tls.peers import Keeper, caller, grpcio_channel, grpcio_info

SPIFFE = "spiffe://prod.internal/engine"
ALLOWED = ("engine.internal", SPIFFE, "Engine of Mirastack")


@pytest.fixture
def keeper() -> Keeper:
    """The agent's plugin."""
    return Keeper()


@pytest.fixture
async def port(keeper: Keeper, authority: Authority) -> AsyncIterator[int]:
    """The port of an agent that only the engine may call."""
    server = authority.issue(*LOOPBACK).server(authority.ca, ALLOWED)
    async with served(keeper, Security(server=server)) as number:
        yield number


@pytest.mark.parametrize(
    ("names", "common_name"),
    [
        (["engine.internal"], ""),
        (["other.internal", "engine.internal"], "other"),
        (["ENGINE.Internal"], ""),
        ([SPIFFE], ""),
        ([], "Engine of Mirastack"),
        ([], "engine.internal"),
    ],
    ids=["DNS", "one of several", "DNS in capitals", "URI", "common name", "host as common name"],
)
async def test_who_is_named_may_call(
    port: int, keeper: Keeper, authority: Authority, names: list[str], common_name: str
) -> None:
    """A client whose certificate has one of the names is served."""
    shown = authority.issue(*names, common_name=common_name)
    with caller(port, Security(client=authority.trusted(shown))) as client:
        assert (await client.execute("echo")).success
    assert len(keeper.metadata) == 1


@pytest.mark.parametrize(
    ("names", "common_name", "shown_names"),
    [
        (["agent.internal"], "", "agent.internal"),
        (["*.internal"], "", "*.internal"),
        (["engine.internal.evil.example"], "", "engine.internal.evil.example"),
        (["spiffe://prod.internal/Engine"], "", "spiffe://prod.internal/Engine"),
        ([], "agent", "agent"),
        ([], "", "nobody"),
    ],
    ids=["DNS", "wildcard", "longer DNS", "URI in capitals", "common name", "no name"],
)
async def test_who_is_not_named_may_not(
    port: int,
    keeper: Keeper,
    authority: Authority,
    names: list[str],
    common_name: str,
    shown_names: str,
) -> None:
    """A certificate of the CA without one of the names has its calls answered PERMISSION_DENIED."""
    shown = authority.issue(*names, common_name=common_name)
    with (
        caller(port, Security(client=authority.trusted(shown))) as client,
        pytest.raises(AgentCallError) as refusal,
    ):
        await client.execute("echo")
    assert refusal.value.status == "PERMISSION_DENIED"
    reason = f"the caller's certificate is for {shown_names}, who may not call this server"
    assert str(refusal.value).endswith(reason)
    assert keeper.metadata == []


async def test_grpcio_reads_why_it_may_not_call(port: int, authority: Authority) -> None:
    """An independent caller gets the status, and the sentence."""
    async with grpcio_channel(port, authority, authority.issue("agent.internal")) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await grpcio_info(channel)
    assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "is for agent.internal, who may not call" in (refusal.value.details() or "")


async def test_a_stranger_is_logged_once_a_connection(
    port: int, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it calls, one log line gives its name and the setting without it."""
    shown = authority.issue("agent.internal")
    with caller(port, Security(client=authority.trusted(shown))) as client:
        for _ in range(5):
            with pytest.raises(AgentCallError):
                await client.info()
    lines = [line for line in caplog.messages if "agent.internal" in line]
    expected = (
        "refused a caller whose certificate is for agent.internal: "
        "security.server.client_names does not list it"
    )
    assert lines == [expected]


async def test_without_names_the_ca_decides_alone(authority: Authority) -> None:
    """Without names every certificate of the CA may call."""
    server = authority.issue(*LOOPBACK).server(authority.ca)
    shown = authority.issue("whoever")
    async with served(Keeper(), Security(server=server)) as port:
        with caller(port, Security(client=authority.trusted(shown))) as client:
            assert (await client.execute("echo")).success
