"""Bases serve and stubs call every method of the contract, at its path, with its types."""

import inspect

import pytest
from grpclib.client import Channel
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.metadata import Deadline
from grpclib.server import Stream
from grpclib.testing import ChannelFor

from codegen.protoc import compile_proto
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen import services
from mirastack_sdk._gen.services import (
    EngineServiceBase,
    EngineServiceStub,
    PluginServiceBase,
    PluginServiceStub,
)
from tests.golden.google import CONTRACT

METHODS = [
    (service.name, method.name, method.input_type, method.output_type)
    for service in compile_proto(*CONTRACT).service
    for method in service.method
]
PYTHON_NAMES = {
    "PluginService": ["info", "get_schema", "execute", "health_check", "config_updated"],
    "EngineService": [
        *("get_config", "cache_get", "cache_get_batch", "cache_set", "publish_result"),
        *("request_approval", "log_event", "call_plugin", "list_kpis", "get_kpi"),
        *("register_plugin", "deregister_plugin", "heartbeat"),
    ],
}
EXECUTE = "/mirastack.plugin.v1.PluginService/Execute"


class _Plugin(PluginServiceBase):
    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        return wire.ExecuteResponse(success=True, logs=[request.action_id])


@pytest.mark.parametrize(("service", "names"), PYTHON_NAMES.items())
def test_methods_have_python_names(service: str, names: list[str]) -> None:
    """Acronyms keep together, and both sides have the same names."""
    for side in ("Base", "Stub"):
        cls = getattr(services, f"{service}{side}")
        assert [name for name, _ in inspect.getmembers(cls) if name in names] == sorted(names)


@pytest.mark.parametrize(("service", "method", "request_type", "reply_type"), METHODS)
def test_a_method_is_served_at_its_path(
    service: str, method: str, request_type: str, reply_type: str
) -> None:
    """The path is the proto's, whatever the Python name, and so are the messages."""
    mapping = getattr(services, f"{service}Base")().__mapping__()
    handler = mapping[f"/mirastack.plugin.v1.{service}/{method}"]
    assert handler.cardinality is Cardinality.UNARY_UNARY
    assert handler.request_type is getattr(wire, request_type.rpartition(".")[2])
    assert handler.reply_type is getattr(wire, reply_type.rpartition(".")[2])


@pytest.mark.parametrize(("service", "method", "request_type", "_"), METHODS)
async def test_a_stub_calls_what_its_base_serves(
    service: str, method: str, request_type: str, _: str
) -> None:
    """A method that nobody has written is answered with UNIMPLEMENTED, and its name."""
    index = [name for owner, name, *_ in METHODS if owner == service].index(method)
    request = getattr(wire, request_type.rpartition(".")[2])()
    async with ChannelFor([getattr(services, f"{service}Base")()]) as channel:
        stub = getattr(services, f"{service}Stub")(channel)
        with pytest.raises(GRPCError) as error:
            await getattr(stub, PYTHON_NAMES[service][index])(request)
    assert error.value.status is Status.UNIMPLEMENTED
    assert error.value.message == f"{service}.{method} is not implemented"


async def test_a_call_carries_its_messages() -> None:
    """What a stub sends arrives, and what the method returns comes back."""
    async with ChannelFor([_Plugin()]) as channel:
        reply = await PluginServiceStub(channel).execute(wire.ExecuteRequest(action_id="a"))
    assert reply == wire.ExecuteResponse(success=True, logs=["a"])


async def _call_with_nothing(channel: Channel) -> None:
    async with channel.request(
        EXECUTE, Cardinality.STREAM_UNARY, wire.ExecuteRequest, wire.ExecuteResponse
    ) as stream:
        await stream.send_request()
        await stream.end()
        await stream.recv_message()


async def test_a_call_without_a_request_is_an_error() -> None:
    """The method is not called with nothing: the call ends with INTERNAL, and a sentence."""
    async with ChannelFor([_Plugin()]) as channel:
        with pytest.raises(GRPCError) as error:
            await _call_with_nothing(channel)
    assert error.value.status is Status.INTERNAL
    assert error.value.message == "the call ended without a request message"


class _Silent:
    """Ends every call with OK, and without a reply."""

    def __mapping__(self) -> dict[str, Handler]:
        async def handle(stream: Stream[wire.ExecuteRequest, wire.ExecuteResponse]) -> None:
            await stream.recv_message()
            await stream.send_initial_metadata()

        types = wire.ExecuteRequest, wire.ExecuteResponse
        return {EXECUTE: Handler(handle, Cardinality.UNARY_STREAM, *types)}


async def test_a_call_without_a_reply_is_an_error() -> None:
    """The caller gets a message or an exception, never None."""
    async with ChannelFor([_Silent()]) as channel:
        with pytest.raises(GRPCError) as error:
            await PluginServiceStub(channel).execute(wire.ExecuteRequest())
    assert error.value.status is Status.INTERNAL
    assert error.value.message == "the call ended without a reply message"


async def test_a_request_of_another_class_is_not_sent() -> None:
    """A stub's method sends its own message and no other, whatever the type checker was told."""
    request: wire.Message = wire.InfoRequest()
    async with ChannelFor([_Plugin()]) as channel:
        with pytest.raises(TypeError, match="ExecuteRequest"):
            await PluginServiceStub(channel).execute(request)  # type: ignore[arg-type]  # wrong on purpose


class _RecordedError(Exception):
    """Stands for the call that is not made."""


class _Recorder(Channel):
    """Records with what a call is made, and makes none."""

    def request(self, *_: object, **options: object) -> "Stream[object, object]":  # type: ignore[override]  # takes all
        raise _RecordedError(options)


async def _options(stub: EngineServiceStub, **options: object) -> dict[str, object]:
    with pytest.raises(_RecordedError) as error:
        await stub.list_kpis(wire.ListKPIsRequest(), **options)  # type: ignore[arg-type]  # any of them
    recorded: dict[str, object] = error.value.args[0]
    return recorded


async def test_the_stubs_options_hold_for_each_call() -> None:
    """Timeout, deadline and metadata are the stub's, unless a call brings its own."""
    deadline = Deadline.from_timeout(1)
    channel = _Recorder()
    stub = EngineServiceStub(channel, timeout=1, deadline=deadline, metadata={"a": "b"})
    assert await _options(stub) == {"timeout": 1, "deadline": deadline, "metadata": {"a": "b"}}
    assert await _options(stub, timeout=0.0, metadata={}) == {
        "timeout": 0.0,
        "deadline": deadline,
        "metadata": {},
    }


def test_comments_of_the_proto_are_the_documentation() -> None:
    """Service and method comments are where an editor shows them."""
    assert inspect.getdoc(EngineServiceBase) == "What the engine serves, and an agent calls."
    assert inspect.getdoc(EngineServiceStub) == "What the engine serves, and an agent calls."
    expected = "Introduces an agent; the engine dials it back before it answers."
    assert inspect.getdoc(EngineServiceBase.register_plugin) == expected
    assert inspect.getdoc(EngineServiceStub.register_plugin) == expected
