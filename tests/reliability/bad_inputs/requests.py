"""Valid requests to an agent, and the parts of invalid ones."""

from collections.abc import Mapping
from types import MappingProxyType

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import Encoding
from tests.wire.http2.conformance import frames
from tests.wire.http2.conformance.blocks import block
from tests.wire.raw_peer import frame as message

PLUGIN = "/mirastack.plugin.v1.PluginService/"
EXECUTE = f"{PLUGIN}Execute"
HEALTH = f"{PLUGIN}HealthCheck"
CONFIG = f"{PLUGIN}ConfigUpdated"
GREETING = frames.PREFACE + frames.settings()
END = frames.END_STREAM
_FRAME = 16_384
WHOLE = frames.END_HEADERS
FIELDS = {
    ":method": "POST",
    ":scheme": "http",
    ":path": EXECUTE,
    ":authority": "localhost",
    "te": "trailers",
    "content-type": "application/grpc",
}
CONTENT_TYPES = {
    Encoding.PROTOBUF: "application/grpc+proto",
    Encoding.JSON: "application/grpc+json",
}


def headers(fields: bytes | None = None, *, flags: int = WHOLE, stream_id: int = 1) -> bytes:
    """Return the headers of a request: a valid one, unless others are given."""
    return frames.raw(
        frames.HEADERS, flags, stream_id, request_block() if fields is None else fields
    )


def request_block(
    changed: Mapping[str, str | None] = MappingProxyType({}), *more: tuple[str, str]
) -> bytes:
    """Return a request's header block; headers that are changed to `None` are left out."""
    wanted = {**FIELDS, **changed}
    return block(*((name, value) for name, value in wanted.items() if value is not None), *more)


def data(content: bytes, *, flags: int = END, stream_id: int = 1) -> bytes:
    """Return part of a body, with END_STREAM unless the flags say otherwise."""
    parts = [content[at : at + _FRAME] for at in range(0, len(content), _FRAME)] or [b""]
    last = frames.raw(frames.DATA, flags, stream_id, parts.pop())
    return b"".join(frames.raw(frames.DATA, 0, stream_id, part) for part in parts) + last


def execute(
    action: str = "say",
    *,
    params: bytes = b'{"text": "hello"}',
    encoding: Encoding = Encoding.PROTOBUF,
) -> bytes:
    """Return a valid Execute request."""
    request = wire.ExecuteRequest(execution_id="e1", action_id=action, params_json=params)
    return CODECS[encoding].for_type(wire.ExecuteRequest).encode(request)


def call(
    body: bytes | None = None,
    changed: Mapping[str, str | None] = MappingProxyType({}),
    *,
    stream_id: int = 1,
) -> bytes:
    """Return a whole call; `changed` replaces some of its headers."""
    sent = headers(request_block(changed), stream_id=stream_id)
    return sent + data(message(execute() if body is None else body), stream_id=stream_id)


def execute_reply(content: bytes, encoding: Encoding = Encoding.PROTOBUF) -> wire.ExecuteResponse:
    """Decode the response of Execute."""
    return CODECS[encoding].for_type(wire.ExecuteResponse).decode(content[5:])
