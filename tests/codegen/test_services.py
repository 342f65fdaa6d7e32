"""Bases serve and stubs call every method of the contract, at its path and with its types."""

import inspect

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from codegen.naming import snake_case
from codegen.protoc import compile_proto
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import services
from mirastack_sdk._gen.services import (
    EngineServiceBase,
    EngineServiceStub,
    PluginServiceBase,
    PluginServiceStub,
)
from tests.codegen.generated import Loopback
from tests.golden.google import CONTRACT

METHODS = [
    (service.name, method.name, method.input_type, method.output_type)
    for service in compile_proto(*CONTRACT).service
    for method in service.method
    # `test_streams.py` has the others.
    if not (method.client_streaming or method.server_streaming)
]
PYTHON_NAMES = {
    "PluginService": ["info", "get_schema", "execute", "health_check", "config_updated"],
    "EngineService": [
        *("get_config", "cache_get", "cache_get_batch", "cache_set", "publish_result"),
        *("request_approval", "log_event", "call_plugin", "list_kpis", "get_kpi"),
        *("register_plugin", "deregister_plugin", "heartbeat"),
    ],
}


class _Plugin(PluginServiceBase):
    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        return wire.ExecuteResponse(success=True, logs=[request.action_id])


@pytest.mark.parametrize(("service", "names"), PYTHON_NAMES.items())
def test_methods_have_python_names(service: str, names: list[str]) -> None:
    """Acronyms are one word, and both sides have the same names."""
    for side in ("Base", "Stub"):
        cls = getattr(services, f"{service}{side}")
        assert [name for name, _ in inspect.getmembers(cls) if name in names] == sorted(names)


@pytest.mark.parametrize(("service", "method", "request_type", "response_type"), METHODS)
def test_a_method_is_served_at_its_path(
    service: str, method: str, request_type: str, response_type: str
) -> None:
    """Path and messages are the proto's, whatever the name in Python."""
    mapping = getattr(services, f"{service}Base")().__mapping__()
    served = mapping[f"/mirastack.plugin.v1.{service}/{method}"].method
    assert served.name == method
    assert served.request_type is getattr(wire, request_type.rpartition(".")[2])
    assert served.response_type is getattr(wire, response_type.rpartition(".")[2])


@pytest.mark.parametrize(("service", "method", "request_type", "_"), METHODS)
async def test_a_stub_calls_what_its_base_serves(
    service: str, method: str, request_type: str, _: str
) -> None:
    """A method that is not implemented ends with UNIMPLEMENTED and its name."""
    request = getattr(wire, request_type.rpartition(".")[2])()
    channel = Loopback(getattr(services, f"{service}Base")())
    stub = getattr(services, f"{service}Stub")(channel)
    with pytest.raises(GRPCError) as error:
        await getattr(stub, snake_case(method))(request)
    assert error.value.status is Status.UNIMPLEMENTED
    assert error.value.message == f"{service}.{method} is not implemented"


async def test_a_call_carries_its_messages() -> None:
    """The request arrives, and what the method returns comes back."""
    stub = PluginServiceStub(Loopback(_Plugin()))
    response = await stub.execute(wire.ExecuteRequest(action_id="a"))
    assert response == wire.ExecuteResponse(success=True, logs=["a"])


async def test_the_stubs_options_hold_for_each_call() -> None:
    """Timeout and metadata are those of the stub unless a call passes its own."""
    channel = Loopback(_Plugin())
    stub = PluginServiceStub(channel, timeout=1, metadata={"a": "b"})
    await stub.execute(wire.ExecuteRequest())
    await stub.execute(wire.ExecuteRequest(), timeout=0.0, metadata={})
    assert channel.calls == [({"a": "b"}, 1), ({}, 0.0)]


def test_comments_of_the_proto_are_the_documentation() -> None:
    """Comments of services and methods are docstrings, which editors display."""
    assert inspect.getdoc(EngineServiceBase) == "The service of the engine, which agents call."
    assert inspect.getdoc(EngineServiceStub) == "The service of the engine, which agents call."
    expected = "Registers an agent; the engine dials it back before it responds."
    assert inspect.getdoc(EngineServiceBase.register_plugin) == expected
    assert inspect.getdoc(EngineServiceStub.register_plugin) == expected
