"""What a language model reads of every kind of response: the whole `result_json`, over a socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from mirastack_sdk import (
    Action,
    ActionError,
    Agent,
    ExecuteRequest,
    ExecuteResponse,
    Logs,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    respond_error,
    respond_map,
    serve_async,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import Encoding, LocalEngine

pytestmark = [
    pytest.mark.contract("What reaches the language model: result_json alone"),
    pytest.mark.contract(
        "From the documented API to the wire: output and logs are result_json and logs"
    ),
    pytest.mark.contract(
        "From the documented API to the wire: "
        "an exception from execute is success=false, and is logged"
    ),
]

TIMEOUT = 10.0
FAILURE = "GET http://user:pw@metrics.internal:8428/api failed"
CLEANED = "GET [address] failed"
LONG = "x" * 200
RESPONSES = {
    "result": ExecuteResponse(output={"result": '{"a":1}'}),
    "logs only": ExecuteResponse(logs=[f"backend query failed: {FAILURE}"]),
    "both": ExecuteResponse(output={"result": "[]"}, logs=["from the cache", FAILURE]),
    "error": respond_error("no client"),
    "timeout": ExecuteResponse(logs=["the backend did not respond within 5 s"]),
    "truncated": respond_map({"result": LONG[:96], "truncated": "true"}),
}
TYPED_RESULTS: dict[str, dict[str, int] | list[int] | str] = {
    "result": {"a": 1},
    "both": [],
    "truncated": LONG,
}
RAISED = {
    "ActionError": ActionError(f"no such index: {FAILURE}"),
    "exception": RuntimeError(FAILURE),
}


class Documented(MirastackPlugin):
    """Written from the documentation: it says everything in an `ExecuteResponse`."""

    def info(self) -> PluginInfo:
        return PluginInfo("documented", "1.0.0", "Answers.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("answer", "Answer in one of several ways.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.params.get("action") != "answer":
            return ExecuteResponse(logs=[f"unknown action: {req.params.get('action')}"])
        how = req.params.get("how", "")
        if how in RAISED:
            raise RAISED[how]
        return RESPONSES.get(how, ExecuteResponse(logs=["how is required"]))


typed = Agent(
    name="typed",
    version="1.0.0",
    description="Answers.",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@typed.action(timeout=0.2, result_limit=100)
async def answer(how: str, *, logs: Logs) -> dict[str, int] | list[int] | str:
    """Answer in one of several ways."""
    if how == "timeout":
        await asyncio.Event().wait()
    if how == "both":
        logs += ["from the cache", FAILURE]
    if how == "ActionError":
        logs.append("one attempt")
    if how in RAISED:
        raise RAISED[how]
    if how in TYPED_RESULTS:
        return TYPED_RESULTS[how]
    raise ActionError(f"backend query failed: {FAILURE}")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request, and what the response must be."""

    plugin: MirastackPlugin
    result: dict[str, object]
    params: dict[str, str] = field(default_factory=dict)
    action: str = "answer"
    error: str = ""


def documented(how: str, result: dict[str, object], *, error: str = "") -> Case:
    return Case(plugin=Documented(), params={"how": how}, result=result, error=error)


def of_type(how: str, result: dict[str, object], *, error: str = "") -> Case:
    return Case(plugin=typed, params={"how": how}, result=result, error=error)


def no_result(*logs: str) -> dict[str, object]:
    return {"error": "\n".join(logs), "logs": list(logs)}


CASES = {
    "documented: result": documented("result", {"result": '{"a":1}'}),
    "documented: logs only": documented("logs only", no_result(f"backend query failed: {CLEANED}")),
    "documented: both": documented("both", {"result": "[]", "logs": ["from the cache", CLEANED]}),
    "documented: error": documented("error", {"error": "no client"}),
    "documented: unknown action": Case(
        plugin=Documented(), action="other", result=no_result("unknown action: other")
    ),
    "documented: wrong parameters": documented("", no_result("how is required")),
    "documented: ActionError": documented("ActionError", no_result(f"no such index: {CLEANED}")),
    "documented: exception": documented("exception", {"error": CLEANED}, error=CLEANED),
    "documented: timeout": documented(
        "timeout", no_result("the backend did not respond within 5 s")
    ),
    "documented: truncated": documented("truncated", {"result": LONG[:96], "truncated": "true"}),
    "typed: result": of_type("result", {"result": '{"a":1}'}),
    "typed: logs only": of_type("logs only", no_result(f"backend query failed: {CLEANED}")),
    "typed: both": of_type("both", {"result": "[]", "logs": ["from the cache", CLEANED]}),
    "typed: unknown action": Case(
        plugin=typed,
        action="other",
        result=no_result("unknown action: other; the actions are answer"),
    ),
    "typed: wrong parameters": Case(
        plugin=typed,
        result=no_result(
            "answer was not run, its parameters are to be corrected:",
            "how is required: expected string",
        ),
    ),
    "typed: ActionError": of_type(
        "ActionError", no_result(f"no such index: {CLEANED}", "one attempt")
    ),
    "typed: exception": of_type("exception", {"error": CLEANED}, error=CLEANED),
    "typed: timeout": of_type(
        "timeout",
        no_result("answer was stopped after 0.2 s: ask for less, such as a shorter time range"),
    ),
    "typed: truncated": of_type(
        "truncated",
        {"result": f'"{LONG[:97]}…"', "logs": ["result: showing 97 of 200 characters"]},
    ),
}


@asynccontextmanager
async def served(plugin: MirastackPlugin) -> AsyncIterator[LocalEngine]:
    """An engine, with which the agent is registered."""
    stop = asyncio.Event()
    async with LocalEngine() as engine, asyncio.TaskGroup() as tasks:
        environ = {
            "MIRASTACK_ENGINE_ADDR": engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        tasks.create_task(serve_async(plugin, environ=environ, stop=stop))
        async with asyncio.timeout(TIMEOUT):
            await engine.wait_registered(plugin.info().name)
            yield engine
        stop.set()


async def execute(case: Case, encoding: Encoding) -> wire.ExecuteResponse:
    """The response, as it is on the wire."""
    async with served(case.plugin) as engine:
        agent = await engine.wait_registered(case.plugin.info().name)
        request = wire.ExecuteRequest(
            action_id=case.action, params_json=json.dumps(case.params).encode()
        )
        return await agent.stub(encoding).execute(request)


@pytest.mark.contract(
    "What reaches the language model: logs are sent beside result_json all the same"
)
@pytest.mark.contract(
    "What reaches the language model: an answer that is no result has an error beside its logs"
)
@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_everything_is_in_the_result(case: Case, encoding: Encoding) -> None:
    """Whatever an agent says reaches the model; `logs` go beside it all the same."""
    response = await execute(case, encoding)
    assert json.loads(response.result_json) == case.result
    assert response.logs == case.result.get("logs", [])
    assert (response.success, response.error) == (not case.error, case.error)


@pytest.mark.contract("Two encodings: params_json that is not an object is success=false")
@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("plugin", [Documented(), typed], ids=["documented", "typed"])
async def test_parameters_that_are_no_object_are_an_error(
    plugin: MirastackPlugin, encoding: Encoding
) -> None:
    """The same sentence stands in the error and in the result."""
    async with served(plugin) as engine:
        agent = await engine.wait_registered(plugin.info().name)
        request = wire.ExecuteRequest(action_id="answer", params_json=b"[]")
        response = await agent.stub(encoding).execute(request)
    assert response.error == "params_json must be a JSON object, got an array"
    assert json.loads(response.result_json) == {"error": response.error}
    assert not response.success
