"""Packages that are generated for a test, and imported from where they were written."""

import atexit
import importlib
import itertools
import sys
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Iterable,
    Mapping,
)
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from codegen.generate import generate, write
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec
from mirastack_sdk._wire.codec.methods import (
    AnyMethod,
    Handler,
    Method,
    ResponseStream,
    StreamCaller,
    StreamStreamHandler,
    StreamUnaryHandler,
    UnaryStreamHandler,
)
from mirastack_sdk._wire.server.grpc_server import Servable
from tests.golden.google import ENGINE, EVERYTHING


class _Responses[Response](ResponseStream[Response]):
    """The responses of a service that is called directly."""

    def __init__(self, responses: AsyncIterator[Response]) -> None:
        self._responses = responses

    async def __anext__(self) -> Response:
        return await anext(self._responses)

    async def aclose(self) -> None:
        """Close the service's generator."""
        if isinstance(self._responses, AsyncGenerator):
            await self._responses.aclose()


async def _asynchronous[Request](
    requests: AsyncIterable[Request] | Iterable[Request],
) -> AsyncIterator[Request]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
        return
    for request in requests:
        yield request


class Loopback(StreamCaller):
    """A channel that calls a service directly; `calls` are each call's metadata and timeout."""

    def __init__(self, service: Servable) -> None:
        self._handlers = service.__mapping__()
        self.calls: list[tuple[Mapping[str, str] | None, float | None]] = []

    async def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return what the method's handler returns."""
        handler = self._handler(method, Handler, metadata, timeout)
        response: Response = await handler.respond(request)
        assert isinstance(response, method.response_type)
        return response

    def unary_stream[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Return what the method's handler yields."""
        handler = self._handler(method, UnaryStreamHandler, metadata, timeout)
        return _Responses(handler.respond(request))

    async def stream_unary[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return what the method's handler returns for the requests."""
        handler = self._handler(method, StreamUnaryHandler, metadata, timeout)
        response: Response = await handler.respond(_asynchronous(requests))
        return response

    def stream_stream[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Return what the method's handler yields for the requests."""
        handler = self._handler(method, StreamStreamHandler, metadata, timeout)
        return _Responses(handler.respond(_asynchronous(requests)))

    def _handler[H](
        self,
        method: AnyMethod,
        kind: type[H],
        metadata: Mapping[str, str] | None,
        timeout: float | None,
    ) -> H:
        self.calls.append((metadata, timeout))
        handler = self._handlers[method.path]
        assert handler.method == method
        assert isinstance(handler, kind)
        return handler


_NO_SERVICES = ModuleType("services")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A generated package."""

    folder: Path
    messages: ModuleType
    protobuf_codec: ModuleType
    gojson_codec: ModuleType
    services: ModuleType = _NO_SERVICES

    def type(self, name: str) -> type[Any]:
        """Return an enum or a message class."""
        # Any: the class did not exist when the types were checked.
        found: type[Any] = getattr(self.messages, name)
        return found

    def protobuf(self, name: str) -> MessageCodec[Any]:
        """Return a message's protobuf codec."""
        table: CodecTable = self.protobuf_codec.CODECS
        return table.for_type(self.type(name))

    def gojson(self, name: str) -> MessageCodec[Any]:
        """Return a message's JSON codec."""
        table: CodecTable = self.gojson_codec.CODECS
        return table.for_type(self.type(name))


def generate_package(root: Path, source: Path, folder: Path) -> Generated:
    """Generate the package of a proto file into a folder, and import it under a unique name."""
    name = f"generated_for_tests_{next(_numbers)}"
    write(generate(root, source), folder / name)
    sys.path.insert(0, str(folder))
    try:
        modules = {
            module: importlib.import_module(f"{name}.{module}")
            for module in ("messages", "services", "protobuf_codec", "gojson_codec")
            if (folder / name / f"{module}.py").exists()
        }
    finally:
        sys.path.remove(str(folder))
    return Generated(folder=folder / name, **modules)


def generate_text(text: str, folder: Path) -> Generated:
    """Generate and import the package of a proto file's text."""
    (folder / "test.proto").write_text(text, encoding="utf-8")
    return generate_package(folder, Path("test.proto"), folder)


@cache
def streams() -> Generated:
    """Return the package of the proto file whose service has methods of every kind."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return generate_package(EVERYTHING[0], Path("streams.proto"), Path(folder.name))


@cache
def engine() -> Generated:
    """Return the package of the proto that is like a real engine's."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return generate_package(*ENGINE, Path(folder.name))


@cache
def everything() -> Generated:
    """Return the package of the proto file with one field of every supported kind."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return generate_package(*EVERYTHING, Path(folder.name))
