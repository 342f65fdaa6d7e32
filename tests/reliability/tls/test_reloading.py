"""Certificates, keys and CAs are read again when their files change; broken ones are not used."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mirastack_sdk._wire.tls.certificates import names_in
from mirastack_sdk.errors import EngineError
from mirastack_sdk.security import Security, ServerTls
from mirastack_sdk.testing import AgentCallError, AgentClient, LocalEngine
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority, Issued
from tests.reliability.tls.engines import heartbeat, linked, port_of
from tests.reliability.tls.peers import TIMEOUT, Keeper, caller, client_context, raw_tls


@pytest.fixture
def identity(authority: Authority) -> Issued:
    """The agent's certificate, whose files the tests replace."""
    return authority.issue(*LOOPBACK, common_name="first")


@pytest.fixture
async def port(identity: Issued) -> AsyncIterator[int]:
    """The port of an agent with that certificate."""
    async with served(Keeper(), Security(server=identity.server())) as number:
        yield number


async def common_name_at(port: int, authority: Authority) -> str:
    """Return the name in the certificate that a new connection gets."""
    async with raw_tls(port, client_context(authority)) as (_, writer):
        certificate = writer.get_extra_info("peercert")
    (name,) = names_in(certificate)[len(LOOPBACK) :]
    return name


async def test_a_new_certificate_is_shown_to_new_connections(
    port: int, identity: Issued, authority: Authority
) -> None:
    """No restart is needed, and open connections go on."""
    with caller(port, Security(client=authority.trusted())) as client:
        assert (await client.execute("echo")).success
        authority.issue(*LOOPBACK, common_name="second").move_to(identity)
        assert await common_name_at(port, authority) == "second"
        assert (await client.execute("echo")).success


async def test_a_certificate_without_its_key_is_not_used_yet(
    port: int, identity: Issued, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """Until both files have changed the old pair stays, with one warning; then the new holds."""
    new = authority.issue(*LOOPBACK, common_name="second")
    new.certificate.replace(identity.certificate)
    for _ in range(3):
        assert await common_name_at(port, authority) == "first"
    (line,) = [line for line in caplog.messages if "stays in use" in line]
    assert "security.server.key: the key in" in line
    assert "does not belong to the certificate in" in line
    new.key.replace(identity.key)
    assert await common_name_at(port, authority) == "second"


@pytest.mark.parametrize(
    "text",
    [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n"],
    ids=["gone", "empty", "something else", "damaged"],
)
async def test_a_broken_certificate_is_not_used(
    port: int,
    identity: Issued,
    authority: Authority,
    text: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A file that is gone, empty or damaged leaves the old certificate, with one warning."""
    if text is None:
        identity.certificate.unlink()
    else:
        identity.certificate.write_text(text)
    for _ in range(3):
        assert await common_name_at(port, authority) == "first"
    (line,) = [line for line in caplog.messages if "stays in use" in line]
    assert str(identity.certificate) in line


async def test_a_folder_that_is_swapped_is_noticed(authority: Authority, tmp_path: Path) -> None:
    """Kubernetes changes a mounted secret through one link, and that is noticed."""
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
        new = authority.issue(*LOOPBACK, common_name=folder.name)
        new.certificate.replace(folder / "tls.crt")
        new.key.replace(folder / "tls.key")
    current, following = tmp_path / "current", tmp_path / "following"
    current.symlink_to(folders[0])
    following.symlink_to(folders[1])
    server = ServerTls(certificate=current / "tls.crt", key=current / "tls.key")
    async with served(Keeper(), Security(server=server)) as port:
        assert await common_name_at(port, authority) == "first"
        following.replace(current)
        assert await common_name_at(port, authority) == "second"


async def health_fails(client: AgentClient) -> None:
    """A new connection of a client is refused."""
    client.close()
    with pytest.raises(AgentCallError) as refusal:
        await client.health()
    assert refusal.value.reason in {"tls_failed", "unavailable"}


async def test_a_new_client_ca_counts_for_new_connections(
    authority: Authority, stranger: Authority, identity: Issued
) -> None:
    """Callers of the old CA are refused from then on, and callers of the new one are served."""
    old = Security(client=authority.trusted(authority.issue("engine")))
    new = Security(client=authority.trusted(stranger.issue("engine")))
    trusted = authority.folder / "client_ca.pem"
    trusted.write_bytes(authority.ca.read_bytes())
    security = Security(server=identity.server(trusted))
    async with served(Keeper(), security) as port:
        with caller(port, old) as first, caller(port, new) as second:
            assert (await first.health()).healthy
            await health_fails(second)
            trusted.write_bytes(stranger.ca.read_bytes())
            assert (await second.health()).healthy
            await health_fails(first)


async def test_the_agents_own_certificate_is_shown_anew_to_the_engine(
    authority: Authority, stranger: Authority
) -> None:
    """After its files have changed, the next connection to the engine shows the new certificate."""
    shown = stranger.issue("agent")
    server = authority.issue(*LOOPBACK).server(authority.ca)
    async with (
        LocalEngine(security=Security(server=server)) as engine,
        linked(port_of(engine), Security(client=authority.trusted(shown))) as link,
    ):
        with pytest.raises(EngineError, match="does not accept the certificate"):
            await heartbeat(link)
        authority.issue("agent").move_to(shown)
        assert (await heartbeat(link)).re_register_required


async def test_the_engines_new_ca_is_trusted(authority: Authority, stranger: Authority) -> None:
    """When the file of the engine's CA changes, the next connection trusts the new one."""
    trusted = authority.folder / "engine_ca.pem"
    trusted.write_bytes(authority.ca.read_bytes())
    server = stranger.issue(*LOOPBACK).server()
    async with (
        LocalEngine(security=Security(server=server)) as engine,
        linked(port_of(engine), {"MIRASTACK_ENGINE_TLS_CA": str(trusted)}) as link,
    ):
        with pytest.raises(EngineError, match="is not from a trusted CA"):
            await heartbeat(link)
        trusted.write_bytes(authority.ca.read_bytes() + stranger.ca.read_bytes())
        assert (await heartbeat(link)).re_register_required


@pytest.mark.parametrize(
    ("days", "since_days", "said"),
    [
        (3.5, 1, "expires in 3 days: replace it"),
        (0.5, 1, "expires in 11 hours: replace it"),
        (-2.5, 9, "expired 2 days ago: replace it"),
        (30, -1, "is not valid yet, or this machine's clock is slow"),
    ],
    ids=["soon", "very soon", "past", "future"],
)
async def test_a_certificate_that_expires_soon_is_logged(
    authority: Authority,
    days: float,
    since_days: float,
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At the start, one warning says that the agent's own certificate expires soon."""
    identity = authority.issue(*LOOPBACK, days=days, since_days=since_days)
    security = Security(server=identity.server())
    async with served(Keeper(), security) as port:
        for _ in range(2):
            async with asyncio.timeout(TIMEOUT):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
    (line,) = [line for line in caplog.messages if "security.server.certificate: the cert" in line]
    assert f"{identity.certificate} {said}" in line
