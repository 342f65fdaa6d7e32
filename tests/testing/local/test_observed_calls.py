"""Tools can watch the calls of a local engine while they happen."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from grpclib.exceptions import GRPCError

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import EngineServiceStub
from mirastack_sdk.engine import Approval
from mirastack_sdk.testing import Encoding, LocalEngine, ObservedCall
from tests.testing.agents import calling


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    async with LocalEngine() as running:
        yield running


@pytest.mark.parametrize("encoding", Encoding)
async def test_a_call_is_shown_at_its_start_and_at_its_end(
    engine: LocalEngine, encoding: Encoding
) -> None:
    """The observer sees the request at once, and later the response under the same number."""
    seen: list[ObservedCall] = []
    engine.cache.set("hand_agent:a", "12")
    async with calling(engine, encoding=encoding) as stub:
        with engine.observe(seen.append):
            await stub.cache_get(wire.CacheGetRequest(key="hand_agent:a", tenant_id="t"))
    start, end = seen
    assert (start.method, start.plugin_name, start.tenant_id) == ("cache_get", "hand_agent", "t")
    assert start.request == {"key": "hand_agent:a", "tenant_id": "t"}
    assert (start.encoding, start.ended, start.response) == (encoding, False, None)
    assert (end.number, end.ended, end.error) == (start.number, True, "")
    assert end.response == {"value": "", "found": False}


async def test_the_execution_is_known_where_the_message_names_it(engine: LocalEngine) -> None:
    """Partial results and approvals name their execution; JSON in bytes is parsed."""
    seen: list[ObservedCall] = []
    engine.answer_approvals(Approval(approved=True, reviewer="eve"))
    async with calling(engine) as stub:
        with engine.observe(seen.append):
            await stub.publish_result(
                wire.PublishResultRequest(execution_id="e-1", result_json=b'{"n":1}')
            )
            await stub.request_approval(
                wire.RequestApprovalRequest(
                    execution_id="e-2",
                    description="Restart",
                    required_permission=wire.Permission.MODIFY,
                    timeout_seconds=5,
                )
            )
    assert [call.execution_id for call in seen] == ["e-1", "e-1", "e-2", "e-2"]
    assert seen[0].request["result_json"] == {"n": 1}
    assert seen[2].request["required_permission"] == "MODIFY"
    assert seen[3].response is not None
    assert seen[3].response["reviewer"] == "eve"


async def test_a_refused_call_is_shown_with_its_status(engine: LocalEngine) -> None:
    """A call that fails ends with the status and the text that the agent gets."""
    seen: list[ObservedCall] = []
    engine.fail("cache_get", "UNAVAILABLE", "down")
    async with calling(engine) as stub:
        with engine.observe(seen.append), pytest.raises(GRPCError, match="down"):
            await stub.cache_get(wire.CacheGetRequest(key="hand_agent:a"))
    assert (seen[-1].error, seen[-1].response) == ("UNAVAILABLE: down", None)


async def test_a_cancelled_call_ends_as_well(engine: LocalEngine) -> None:
    """A call that its caller gives up is shown as cancelled, not as running for ever."""
    seen: list[ObservedCall] = []
    ended = asyncio.Event()

    def observe(call: ObservedCall) -> None:
        seen.append(call)
        if call.ended:
            ended.set()
        else:
            started.set()

    started = asyncio.Event()
    engine.hang("cache_get")
    async with calling(engine) as stub:
        with engine.observe(observe):
            await _cancelled(stub, started)
            async with asyncio.timeout(30):
                await ended.wait()
    assert seen[-1].error == "the call was cancelled"


async def test_nothing_is_shown_after_the_block(engine: LocalEngine) -> None:
    """An observer sees only calls that start or end within its block."""
    seen: list[ObservedCall] = []
    async with calling(engine) as stub:
        with engine.observe(seen.append):
            pass
        await stub.cache_get(wire.CacheGetRequest(key="hand_agent:a"))
    assert seen == []


async def test_bytes_that_are_no_text_are_shown_in_hexadecimal(engine: LocalEngine) -> None:
    """A cache value may be any bytes; a number in it stays text, as the agent reads it."""
    seen: list[ObservedCall] = []
    async with calling(engine, encoding=Encoding.PROTOBUF) as stub:
        with engine.observe(seen.append):
            for value in (b"\xff\x00", b"12"):
                await stub.cache_set(wire.CacheSetRequest(key="hand_agent:a", value=value))
    assert [call.request["value"] for call in seen if call.ended] == ["ff00", "12"]


async def _cancelled(stub: EngineServiceStub, started: asyncio.Event) -> None:
    call = asyncio.ensure_future(stub.cache_get(wire.CacheGetRequest(key="hand_agent:a")))
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
