"""gRPC's server reflection: the services of an agent, and the proto files that describe them."""

import asyncio
from collections.abc import AsyncIterator, Collection

from mirastack_sdk._gen.grpc.reflection.v1.messages import (
    ErrorResponse,
    ExtensionNumberResponse,
    FileDescriptorResponse,
    ListServiceResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
    ServiceResponse,
)
from mirastack_sdk._gen.grpc.reflection.v1.services import ServerReflectionBase
from mirastack_sdk._gen.proto_files import FILES, SYMBOLS
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.codec.methods import Handlers
from mirastack_sdk._wire.grpc.status import CallRefused, Status

_V1, _V1ALPHA = "/grpc.reflection.v1.", "/grpc.reflection.v1alpha."
# What a client asked for freely must not fill the response.
_SHOWN = 200


class ReflectionService(ServerReflectionBase):
    """Describes the services in `names`, as `grpc.reflection.v1` and as its twin `v1alpha`."""

    def __init__(self, status: ServingStatus, names: Collection[str]) -> None:
        self._status = status
        self._names = names

    def __mapping__(self) -> Handlers:
        handlers = super().__mapping__()
        twins = {
            path.replace(_V1, _V1ALPHA): handler._replace(
                method=handler.method._replace(path=path.replace(_V1, _V1ALPHA))
            )
            for path, handler in handlers.items()
        }
        return {**handlers, **twins}

    async def server_reflection_info(
        self, requests: AsyncIterator[ServerReflectionRequest]
    ) -> AsyncIterator[ServerReflectionResponse]:
        async for request in _until_stopped(requests, self._status):
            response = self._response(request)
            response.valid_host = request.host
            response.original_request = request
            yield response

    def _response(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        if request.list_services is not None:
            services = [ServiceResponse(name=name) for name in sorted(self._names)]
            return ServerReflectionResponse(
                list_services_response=ListServiceResponse(service=services)
            )
        if request.file_by_filename is not None:
            return _file(request.file_by_filename, request.file_by_filename)
        if request.file_containing_symbol is not None:
            symbol = request.file_containing_symbol
            return _file(SYMBOLS.get(symbol.removeprefix("."), ""), symbol)
        if request.all_extension_numbers_of_type is not None:
            return _extensions_of(request.all_extension_numbers_of_type)
        if request.file_containing_extension is not None:
            return _failure(Status.NOT_FOUND, "there are no extensions")
        return _failure(Status.INVALID_ARGUMENT, "the request asks for nothing")


def _file(name: str, asked: str) -> ServerReflectionResponse:
    """Return a file and all that it imports."""
    if name not in FILES:
        return _failure(Status.NOT_FOUND, f"there is no {asked[:_SHOWN]!r}")
    wanted = [name]
    for one in wanted:
        wanted += [imported for imported in FILES[one].imports if imported not in wanted]
    files = [FILES[one].descriptor for one in wanted]
    return ServerReflectionResponse(
        file_descriptor_response=FileDescriptorResponse(file_descriptor_proto=files)
    )


def _extensions_of(message: str) -> ServerReflectionResponse:
    if message.removeprefix(".") not in SYMBOLS:
        return _failure(Status.NOT_FOUND, f"there is no {message[:_SHOWN]!r}")
    return ServerReflectionResponse(
        all_extension_numbers_response=ExtensionNumberResponse(base_type_name=message)
    )


def _failure(status: Status, text: str) -> ServerReflectionResponse:
    return ServerReflectionResponse(
        error_response=ErrorResponse(error_code=status.value, error_message=text)
    )


async def _until_stopped(
    requests: AsyncIterator[ServerReflectionRequest], status: ServingStatus
) -> AsyncIterator[ServerReflectionRequest]:
    """Pass requests on; a client that only keeps its stream open must not hold up a shutdown."""
    while True:
        asked = asyncio.ensure_future(anext(requests, None))
        stopped = asyncio.ensure_future(status.ended())
        try:
            await asyncio.wait((asked, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise CallRefused(Status.UNAVAILABLE, "the agent is shutting down")
            request = asked.result()
        finally:
            asked.cancel()
            stopped.cancel()
        if request is None:
            return
        yield request
