"""The calls of tools that wait for an answer which comes with another request."""

import asyncio

import pytest
from mcp import MCPError, types

from mirastack_sdk._cli.mcp_server import suspended_calls
from mirastack_sdk._cli.mcp_server.suspended_calls import SuspendedCalls
from mirastack_sdk._cli.mcp_server.tool_call import ToolCall
from tests.cli.mcp_server.test_offered_tools import UNTYPED

TOOL = UNTYPED["run"]


async def endless(call: ToolCall) -> types.CallToolResult:
    """Run until the call is cancelled."""
    await asyncio.Event().wait()
    raise AssertionError


def running_call() -> ToolCall:
    """A call that has no result yet."""
    call = ToolCall(TOOL, {"x": 1}, owner=None)
    call.start(endless)
    return call


async def test_a_state_is_used_once_and_cannot_be_guessed() -> None:
    """Each suspension has a state of its own."""
    calls, call = SuspendedCalls(), running_call()
    first = calls.suspend(call)
    assert calls.resume(first, "run", {"x": 1}) is call
    second = calls.suspend(call)
    assert second != first
    assert len(second) >= 43  # 256 bits as base64
    with pytest.raises(MCPError, match="requestState is unknown"):
        calls.resume(first, "run", {"x": 1})
    calls.close()
    await asyncio.wait({call.task})


async def test_a_call_that_nobody_resumes_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, the state is unknown."""
    monkeypatch.setattr(suspended_calls, "_KEPT_SECONDS", 0.01)
    calls, call = SuspendedCalls(), running_call()
    state = calls.suspend(call)
    await asyncio.wait({call.task})
    assert call.task.cancelled()
    with pytest.raises(MCPError, match="requestState is unknown"):
        calls.resume(state, "run", {"x": 1})


async def test_the_oldest_of_too_many_calls_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client cannot fill the memory with questions that it does not answer."""
    monkeypatch.setattr(suspended_calls, "_MOST_CALLS", 2)
    calls, running = SuspendedCalls(), [running_call() for _ in range(3)]
    states = [calls.suspend(call) for call in running]
    await asyncio.wait({running[0].task})
    assert [calls.resume(state, "run", {"x": 1}) for state in states[1:]] == running[1:]
    for call in running[1:]:
        assert not call.task.done()
        call.cancel()
    await asyncio.wait({call.task for call in running})


@pytest.mark.parametrize(
    ("name", "arguments"), [("walk", {"x": 1}), ("run", {"x": 2}), ("run", {})], ids=str
)
async def test_another_call_does_not_resume_it(name: str, arguments: dict[str, int]) -> None:
    """What was approved is what runs; the right call still finds it."""
    calls, call = SuspendedCalls(), running_call()
    state = calls.suspend(call)
    with pytest.raises(MCPError, match="another name or other arguments"):
        calls.resume(state, name, arguments)
    assert calls.resume(state, "run", {"x": 1}) is call
    call.cancel()
    await asyncio.wait({call.task})
