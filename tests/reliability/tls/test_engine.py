"""Calls to the engine over TLS: which engines an agent trusts, and its errors for others."""

import asyncio

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from mirastack_sdk.security import ClientTls, Security
from mirastack_sdk.testing import LocalEngine
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority, Issued
from tests.reliability.tls.engines import (
    failure_of,
    grpcio_engine,
    heartbeat,
    linked,
    port_of,
    raw_engine,
    server_context,
    trusting,
)
from tests.reliability.tls.peers import TIMEOUT, Keeper, until


async def test_grpcio_is_called_over_tls(authority: Authority, engine_identity: Issued) -> None:
    """An independent engine is reached over TLS."""
    async with (
        grpcio_engine(engine_identity) as port,
        linked(port, trusting(authority)) as link,
    ):
        assert (await heartbeat(link)).acknowledged


async def test_grpcio_is_called_over_mtls(authority: Authority, engine_identity: Issued) -> None:
    """An independent engine that requires a certificate gets the agent's."""
    shown = authority.issue("agent.internal")
    variables = {
        **trusting(authority),
        "MIRASTACK_ENGINE_TLS_CERT": str(shown.certificate),
        "MIRASTACK_ENGINE_TLS_KEY": str(shown.key),
    }
    async with (
        grpcio_engine(engine_identity, authority) as port,
        linked(port, variables) as link,
    ):
        assert (await heartbeat(link)).acknowledged


async def test_a_certificate_for_another_name_is_accepted_where_it_is_named(
    authority: Authority,
) -> None:
    """With the server's name set, the address that is dialled does not matter."""
    variables = {**trusting(authority), "MIRASTACK_ENGINE_TLS_SERVER_NAME": "engine.internal"}
    async with (
        grpcio_engine(authority.issue("engine.internal")) as port,
        linked(port, variables) as link,
    ):
        assert (await heartbeat(link)).acknowledged


@pytest.mark.parametrize("name", ["engine.internal", "127.0.0.2"])
async def test_a_certificate_for_another_name(authority: Authority, name: str) -> None:
    """The error says which name was expected, and which variable to set."""
    async with grpcio_engine(authority.issue(name)) as port:
        error = await failure_of(port, trusting(authority))
    assert str(error) == (
        "Heartbeat: the certificate of the engine is for another name: IP address mismatch, "
        "certificate is not valid for '127.0.0.1': set MIRASTACK_ENGINE_TLS_SERVER_NAME"
    )
    assert (error.reason, error.retryable) == ("tls_failed", False)


async def test_a_certificate_of_another_ca(authority: Authority, stranger: Authority) -> None:
    """The engine is not called, and the error names the variable for the CA."""
    async with grpcio_engine(stranger.issue(*LOOPBACK)) as port:
        error = await failure_of(port, trusting(authority))
    assert str(error) == (
        "Heartbeat: the certificate of the engine is not from a trusted CA: unable to get local "
        "issuer certificate: set MIRASTACK_ENGINE_TLS_CA to the CA that issued it"
    )


async def test_the_systems_cas_do_not_know_a_private_one(engine_identity: Issued) -> None:
    """Without a CA of its own the agent trusts the system's, and says what to set."""
    async with grpcio_engine(engine_identity) as port:
        error = await failure_of(port, {"MIRASTACK_ENGINE_TLS": "true"})
    assert "is not from a trusted CA" in str(error)
    assert str(error).endswith("set MIRASTACK_ENGINE_TLS_CA to the CA that issued it")


async def test_an_expired_certificate(authority: Authority) -> None:
    """The engine is not called, and the error says why."""
    async with grpcio_engine(authority.issue(*LOOPBACK, days=-1, since_days=5)) as port:
        error = await failure_of(port, trusting(authority))
    assert str(error) == ("Heartbeat: the certificate of the engine has expired: renew it there")


async def test_an_argument_is_called_by_its_own_name(authority: Authority) -> None:
    """If security is set in code, errors name arguments, not variables."""
    async with grpcio_engine(authority.issue("engine.internal")) as port:
        error = await failure_of(port, Security(client=authority.trusted()))
    assert str(error).endswith("set security.client.server_name")


async def test_an_engine_in_plain_text(authority: Authority) -> None:
    """An agent that expects TLS reports an engine that does not speak it."""
    async with LocalEngine() as engine:
        error = await failure_of(port_of(engine), trusting(authority))
    assert str(error) == (
        "Heartbeat: the engine does not speak TLS: enable TLS there, or remove "
        "MIRASTACK_ENGINE_TLS=true here"
    )
    assert error.reason == "tls_failed"


@pytest.mark.parametrize("make", ["ours", "grpcio"])
async def test_an_engine_in_tls(authority: Authority, engine_identity: Issued, make: str) -> None:
    """An agent that speaks plain text to a TLS port says which variable to set."""
    if make == "ours":
        async with LocalEngine(security=Security(server=engine_identity.server())) as engine:
            error = await failure_of(port_of(engine))
    else:
        async with grpcio_engine(engine_identity) as port:
            error = await failure_of(port)
    assert str(error) == (
        "Heartbeat: the engine closed the connection before it sent HTTP/2 settings: "
        "if it requires TLS, set MIRASTACK_ENGINE_TLS=true"
    )


async def test_an_engine_that_demands_a_certificate(
    authority: Authority, engine_identity: Issued
) -> None:
    """Without a client certificate, the error says which variables to set."""
    security = Security(server=engine_identity.server(authority.ca))
    async with LocalEngine(security=security) as engine:
        error = await failure_of(port_of(engine), trusting(authority))
    assert str(error) == (
        "Heartbeat: the engine requires a client certificate: "
        "set MIRASTACK_ENGINE_TLS_CERT and MIRASTACK_ENGINE_TLS_KEY"
    )


async def test_an_engine_that_demands_a_certificate_and_does_not_say_so(
    authority: Authority, engine_identity: Issued
) -> None:
    """Some close without an alert, as grpcio does: the error says what that may mean."""
    async with grpcio_engine(engine_identity, authority) as port:
        error = await failure_of(port, trusting(authority))
    assert str(error) == (
        "Heartbeat: the engine closed the connection right after the TLS handshake: it may require "
        "a certificate or reject ours, check MIRASTACK_ENGINE_TLS_CERT and "
        "MIRASTACK_ENGINE_TLS_KEY"
    )
    assert (error.reason, error.retryable) == ("unavailable", True)


async def test_an_engine_that_does_not_accept_our_certificate(
    authority: Authority, stranger: Authority, engine_identity: Issued
) -> None:
    """The engine refuses a certificate from another CA, and the error says so."""
    security = Security(server=engine_identity.server(authority.ca))
    shown = stranger.issue("agent.internal")
    async with LocalEngine(security=security) as engine:
        error = await failure_of(port_of(engine), Security(client=authority.trusted(shown)))
    assert (
        "the engine does not accept the certificate it was sent: unknown ca: "
        "check security.client.certificate and security.client.key" in str(error)
    )


async def test_what_http2_says_of_the_connection(authority: Authority) -> None:
    """Over TLS the scheme is https, and the authority the name that the engine goes by."""
    seen: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http2.initiate_connection()
        while not seen.done():
            writer.write(http2.data_to_send())
            for event in http2.receive_data(await reader.read(65_536)):
                if isinstance(event, RequestReceived):
                    seen.set_result({str(name): str(value) for name, value in event.headers})

    context = server_context(authority.issue("engine.internal"), "h2")
    trust = ClientTls(ca=authority.ca, server_name="engine.internal")
    async with raw_engine(note, context) as port:
        call = asyncio.create_task(failure_of(port, Security(client=trust, token="t0ken")))
        async with asyncio.timeout(TIMEOUT):
            headers = await seen
    await call
    assert headers[":scheme"] == "https"
    assert headers[":authority"] == "engine.internal"
    assert headers["authorization"] == "Bearer t0ken"


async def test_a_registration_that_fails_for_tls_needs_an_operator(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """The agent keeps trying, and its log says that an operator has to act."""
    async with (
        LocalEngine() as engine,
        served(Keeper(), Security(client=authority.trusted()), engine=engine.address),
    ):
        await until(lambda: "registration failed" in caplog.text)
    line = next(record for record in caplog.records if "registration failed" in record.message)
    assert "the engine does not speak TLS" in line.message
    assert "this needs an operator" in line.message
    assert vars(line)["reason"] == "registration_failed"


async def test_a_whole_life_under_mtls_and_token(authority: Authority) -> None:
    """From registration to deregistration everything is checked on both sides."""
    keeper = Keeper()
    ours, theirs = authority.issue(*LOOPBACK), authority.issue(*LOOPBACK, "engine.internal")
    engine_side = Security(
        server=theirs.server(authority.ca), client=authority.trusted(theirs), token="t0ken"
    )
    agent_side = Security(
        server=ours.server(authority.ca, ["engine.internal"]),
        client=authority.trusted(ours),
        token="t0ken",
    )
    async with LocalEngine(security=engine_side) as engine:
        async with served(keeper, agent_side, engine=engine.address):
            agent = await engine.wait_registered("keeper")
            done = await agent.execute("echo", {"said": "hello", "remember": "yes"})
            assert done.output == {"result": "hello"}
            assert (await agent.health()).healthy
        await engine.wait_deregistered("keeper")
        assert engine.violations == []
    assert keeper.metadata == [{}]
