"""An Execute and a callback call few Python functions of the SDK."""

from collections.abc import Callable

import pytest

from mirastack_sdk.agent import Agent
from mirastack_sdk.plugin import MirastackPlugin
from tests.runtime.python_calls import DocumentedAgent, calls_of_execute, typed_agent

pytestmark = pytest.mark.pure_python("the calls of compiled functions are not counted")


@pytest.mark.parametrize(
    ("new_agent", "encoding", "most_of_execute", "most_of_callback"),
    [
        pytest.param(typed_agent, "json", 112, 79, id="typed-json"),
        pytest.param(typed_agent, "proto", 99, 73, id="typed-protobuf"),
        pytest.param(DocumentedAgent, "json", 90, 79, id="documented-json"),
        pytest.param(DocumentedAgent, "proto", 77, 73, id="documented-protobuf"),
    ],
)
async def test_a_call_takes_few_steps(
    new_agent: Callable[[], MirastackPlugin | Agent],
    encoding: str,
    most_of_execute: int,
    most_of_callback: int,
) -> None:
    """An Execute without a callback, and the callback of another, make so many Python calls."""
    # A duration of 0 ms is left out, so that either number may be lower by one.
    without = await calls_of_execute(new_agent(), encoding, callbacks=0)
    with_one = await calls_of_execute(new_agent(), encoding, callbacks=1)
    assert len(without) <= most_of_execute, without
    assert len(with_one) - len(without) <= most_of_callback, with_one


async def test_every_kind_of_call_is_counted() -> None:
    """Coroutines, methods of dataclasses and the callback's way back are among the counted."""
    names = await calls_of_execute(typed_agent(), "json", callbacks=1)
    functions = {name.partition(":")[2] for name in names}
    assert {
        "ServerConnection.data_received",
        "AgentService.execute",
        "ClientConnection._on_response",
        "ServerCall._on_end",
    } <= functions
    # Python's versions give the method different names.
    of_context = [name for name in names if name.startswith("mirastack_sdk._core.model.context:")]
    assert [name for name in of_context if name.endswith("__init__")]
