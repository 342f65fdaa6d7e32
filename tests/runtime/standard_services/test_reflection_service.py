"""Server reflection, asked by grpcio's own client and by hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_reflection.v1alpha.reflection_pb2 import (
    DESCRIPTOR,
    ExtensionRequest,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from codegen.protoc import compile_protos
from tests.e2e.in_process import served
from tests.golden.google import REPOSITORY
from tests.runtime.standard_services.agents import (
    AGENT,
    HEALTH,
    NAMES,
    REFLECTION,
    REFLECTION_ALPHA,
    TIMEOUT,
    Patient,
    channel_to,
)
from tests.runtime.standard_services.test_health_service import described

SERVICES = [REFLECTION, REFLECTION_ALPHA]
CONTRACT = "mirastack/plugin/v1/plugin.proto"


async def ask(
    channel: grpc.aio.Channel, service: str, *requests: ServerReflectionRequest
) -> list[ServerReflectionResponse]:
    """Return the responses to requests on one stream."""
    call: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, ServerReflectionResponse] = (
        channel.stream_stream(
            f"/{service}/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
    )
    return [response async for response in call(iter(requests), timeout=TIMEOUT)]


async def test_the_client_of_grpcio_finds_every_service_and_message() -> None:
    """It lists the services, and builds working messages from what it gets of them."""
    async with served(Patient()) as port:
        names, methods = await asyncio.to_thread(found_by_grpcio, port)
    assert sorted(names) == sorted(NAMES)
    assert {"Info", "GetSchema", "Execute", "HealthCheck", "ConfigUpdated"} <= set(methods)


def found_by_grpcio(port: int) -> tuple[list[str], list[str]]:
    """Use grpcio's client, which blocks."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        names = list(database.get_services())
        for name in names:
            service = pool.FindServiceByName(name)
            for method in service.methods:
                assert method.input_type.file.package == service.file.package
        methods = [method.name for method in pool.FindServiceByName(AGENT).methods]
        assert pool.FindMessageTypeByName("mirastack.plugin.v1.TimeRange").fields_by_name
        return names, methods


@pytest.mark.parametrize("service", SERVICES)
async def test_each_request_gets_its_response(service: str) -> None:
    """In order, with the host and the request in it."""
    requests = [
        ServerReflectionRequest(host="h", list_services="*"),
        ServerReflectionRequest(host="h", file_by_filename=CONTRACT),
        ServerReflectionRequest(host="h", file_containing_symbol=f"{AGENT}.Execute"),
        ServerReflectionRequest(host="h", file_containing_symbol=f"{HEALTH}"),
        ServerReflectionRequest(
            host="h", all_extension_numbers_of_type="mirastack.plugin.v1.TimeRange"
        ),
    ]
    async with served(Patient()) as port, channel_to(port) as channel:
        responses = await ask(channel, service, *requests)
    assert [response.original_request for response in responses] == requests
    assert {response.valid_host for response in responses} == {"h"}
    listed, by_name, by_method, health, extensions = responses
    assert [one.name for one in listed.list_services_response.service] == sorted(NAMES)
    files = [file_in(one) for one in (by_name, by_method, health)]
    assert [file.name for file in files] == [CONTRACT, CONTRACT, "grpc/health/v1/health.proto"]
    found = extensions.all_extension_numbers_response
    assert (found.base_type_name, list(found.extension_number)) == (
        "mirastack.plugin.v1.TimeRange",
        [],
    )


def file_in(response: ServerReflectionResponse) -> FileDescriptorProto:
    (data,) = response.file_descriptor_response.file_descriptor_proto
    return FileDescriptorProto.FromString(data)


async def test_the_files_are_those_of_the_contract() -> None:
    """What an agent tells is what its code was generated from, without comments."""
    async with served(Patient()) as port, channel_to(port) as channel:
        (response,) = await ask(
            channel, REFLECTION, ServerReflectionRequest(file_by_filename=CONTRACT)
        )
    (expected,) = compile_protos(REPOSITORY / "proto", [Path(CONTRACT)]).file
    assert described(file_in(response)) == described(expected)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ServerReflectionRequest(file_by_filename="x.proto"), 5),
        (ServerReflectionRequest(file_containing_symbol="no.such.Thing"), 5),
        (ServerReflectionRequest(file_containing_symbol=""), 5),
        (ServerReflectionRequest(all_extension_numbers_of_type="x"), 5),
        (
            ServerReflectionRequest(
                file_containing_extension=ExtensionRequest(
                    containing_type="mirastack.plugin.v1.TimeRange", extension_number=1
                )
            ),
            5,
        ),
        (ServerReflectionRequest(), 3),
    ],
    ids=["file", "symbol", "empty symbol", "type", "extension", "nothing"],
)
async def test_what_is_not_there_is_an_error_response(
    request_: ServerReflectionRequest, code: int
) -> None:
    """The stream goes on after it."""
    again = ServerReflectionRequest(list_services="")
    async with served(Patient()) as port, channel_to(port) as channel:
        error, listed = await ask(channel, REFLECTION, request_, again)
    assert error.error_response.error_code == code
    assert error.error_response.error_message
    assert listed.list_services_response.service


async def test_an_open_stream_does_not_hold_up_a_shutdown() -> None:
    """It ends with UNAVAILABLE, however long the grace period is."""
    begun, silence = asyncio.Event(), asyncio.Event()

    async def requests() -> AsyncIterator[ServerReflectionRequest]:
        yield ServerReflectionRequest(list_services="")
        begun.set()
        await silence.wait()

    async with (
        asyncio.timeout(30),
        served(Patient(), MIRASTACK_PLUGIN_SHUTDOWN_GRACE="600") as port,
        channel_to(port) as channel,
    ):
        reflect: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, bytes] = (
            channel.stream_stream(
                f"/{REFLECTION}/ServerReflectionInfo",
                request_serializer=ServerReflectionRequest.SerializeToString,
            )
        )
        assert await reflect(requests()).read()
        await begun.wait()
    silence.set()


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_the_proto_is_that_of_grpc(version: str) -> None:
    """Names, numbers, types and streams are those of grpcio's own package."""
    path = Path("grpc/reflection") / version / "reflection.proto"
    (ours,) = compile_protos(REPOSITORY / "proto", [path]).file
    theirs = FileDescriptorProto()
    DESCRIPTOR.CopyToProto(theirs)
    expected = [text.replace(".v1alpha.", f".{version}.") for text in described(theirs)]
    assert list(described(ours)) == expected
