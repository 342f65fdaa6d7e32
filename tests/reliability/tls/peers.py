"""An agent that records what reaches it, and clients of several libraries."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import grpc
import grpc.aio

from mirastack_sdk import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.security_variables import ARGUMENT_NAMES
from mirastack_sdk._runtime.connection_security.protection import protection
from mirastack_sdk.security import Security
from mirastack_sdk.testing import AgentClient, Encoding
from mirastack_sdk.testing._agent_client import AgentConnections
from tests.reliability.tls.certificates import Authority, Issued

INFO = "/mirastack.plugin.v1.PluginService/Info"
TIMEOUT = 10.0


class Keeper(MirastackPlugin):
    """Echoes, and keeps the metadata of every execution."""

    def __init__(self, permission: Permission = Permission.READ) -> None:
        self.permission = permission
        self.metadata: list[dict[str, str]] = []

    def info(self) -> PluginInfo:
        return PluginInfo("keeper", "1.0.0", "Keeps what it hears", self.permission, ["test"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("echo", "Response what was said.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        assert req.ctx is not None
        self.metadata.append(dict(req.ctx.metadata))
        if req.params.get("remember"):
            await req.engine_client.cache_set(req.ctx, "keeper:said", req.params["said"])
        return ExecuteResponse(output={"result": req.params.get("said", "")})


@contextmanager
def caller(port: int, security: Security) -> Iterator[AgentClient]:
    """Our own client of an agent."""
    connections = AgentConnections(Address("127.0.0.1", port), protection(security, ARGUMENT_NAMES))
    client = AgentClient(
        "keeper", connections, encoding=Encoding.JSON, tenant_id="", store_config=lambda *_: 0
    )
    try:
        yield client
    finally:
        client.close()


@asynccontextmanager
async def grpcio_channel(
    port: int, authority: Authority, shown: Issued | None = None
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel of grpcio's, with the certificate `shown` if any."""
    credentials = grpc.ssl_channel_credentials(
        authority.ca.read_bytes(),
        None if shown is None else shown.key.read_bytes(),
        None if shown is None else shown.certificate.read_bytes(),
    )
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        yield channel


async def grpcio_info(channel: grpc.aio.Channel, token: str | None = None) -> bytes:
    """Call Info through grpcio."""
    method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(INFO)
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    return await method(b"", metadata=metadata, timeout=TIMEOUT)


async def until(condition: Callable[[], bool], seconds: float = TIMEOUT) -> None:
    """Run the loop until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for announces nothing
            await asyncio.sleep(0)


def client_context(authority: Authority, shown: Issued | None = None) -> ssl.SSLContext:
    """A context of Python's own for raw handshakes."""
    context = ssl.create_default_context(cafile=str(authority.ca))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2"])
    if shown is not None:
        context.load_cert_chain(shown.certificate, shown.key)
    return context


@asynccontextmanager
async def raw_tls(
    port: int, context: ssl.SSLContext
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection through asyncio's own TLS, which is aborted at the end."""
    async with asyncio.timeout(TIMEOUT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Return everything until the peer closes."""
    async with asyncio.timeout(TIMEOUT):
        return await reader.read()
