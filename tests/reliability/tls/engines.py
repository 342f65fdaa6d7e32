"""Engines of several kinds, and an agent's link to them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import grpc
import grpc.aio

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import HEARTBEAT
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk.errors import EngineError
from mirastack_sdk.security import Security
from mirastack_sdk.testing import LocalEngine
from tests.reliability.tls.certificates import Authority, Issued

SERVICE = "mirastack.plugin.v1.EngineService"

type Means = Security | Mapping[str, str]
"""How security is set: in code, or by variables."""

NOTHING: Means = {}

type Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def linked(port: int, means: Means = NOTHING) -> AsyncIterator[EngineLink]:
    """Open an agent's link to the engine at a port."""
    variables, security = ({}, means) if isinstance(means, Security) else (means, None)
    address = {
        "MIRASTACK_ENGINE_ADDR": f"127.0.0.1:{port}",
        "MIRASTACK_ENGINE_ENCODING": "proto",
    }
    settings = Settings.from_mapping({**address, **variables}, security)
    protected = protection(settings.security.security, settings.security.names)
    link = EngineLink(settings, "keeper", protection=protected)
    try:
        yield link
    finally:
        link.close()


async def heartbeat(link: EngineLink, timeout: float = 5.0) -> wire.HeartbeatResponse:
    """Call the engine once."""
    request = wire.HeartbeatRequest(name="keeper")
    return await link.call(HEARTBEAT, request, timeout)


async def failure_of(port: int, means: Means = NOTHING, timeout: float = 5.0) -> EngineError:
    """Return the error of a call to an engine that cannot be reached."""
    async with linked(port, means) as link:
        try:
            await heartbeat(link, timeout)
        except EngineError as error:
            return error
    raise AssertionError("the call succeeded")


@asynccontextmanager
async def grpcio_engine(identity: Issued, client_ca: Authority | None = None) -> AsyncIterator[int]:
    """An engine made of grpcio, which acknowledges heartbeats over TLS."""

    async def acknowledge(request: bytes, _: object) -> bytes:
        assert b"keeper" in request
        return bytes(wire.HeartbeatResponse(acknowledged=True))

    server = grpc.aio.server()
    heartbeat_handler: grpc.RpcMethodHandler[bytes, bytes]
    heartbeat_handler = grpc.unary_unary_rpc_method_handler(acknowledge)
    methods = {"Heartbeat": heartbeat_handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    credentials = grpc.ssl_server_credentials(
        [(identity.key.read_bytes(), identity.certificate.read_bytes())],
        None if client_ca is None else client_ca.ca.read_bytes(),
        require_client_auth=client_ca is not None,
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read everything, and send nothing."""
    await reader.read()


async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the first byte, and close."""
    await reader.read(1)
    writer.close()


@asynccontextmanager
async def raw_engine(handle: Handle, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A listener that runs `handle`, over Python's own TLS if it has a context."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await handle(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


def server_context(identity: Issued, *protocols: str) -> ssl.SSLContext:
    """A context of Python's own, which selects one of the protocols in ALPN."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def trusting(authority: Authority) -> Mapping[str, str]:
    """The variable that names the engine's CA."""
    return {"MIRASTACK_ENGINE_TLS_CA": str(authority.ca)}


def port_of(engine: LocalEngine) -> int:
    """The port of an engine."""
    return int(engine.address.rpartition(":")[2])
