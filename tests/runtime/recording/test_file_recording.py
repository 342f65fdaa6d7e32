"""Executions are recorded in files, whatever they do, and without delaying them."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from mirastack_sdk import ExecuteRequest, MirastackPlugin
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.compat import PluginAdapter
from mirastack_sdk.testing import AgentCallError, LocalEngine, RegisteredAgent
from tests.cli.programs import PUBLISHED
from tests.runtime.recording.recorded_agents import (
    TENANT,
    Blocking,
    Untyped,
    calls,
    once,
    record,
    recordings,
    script,
    typed,
)

type Form = dict[str, object]


async def test_every_call_is_in_the_file(tmp_path: Path) -> None:
    """The request, each call of the engine with its answer or error, and the response."""

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        script(engine)
        await agent.execute("everything", {"service": "cart"}, context={"user": "ü"})

    (form,) = await record(typed(), tmp_path, use, config={"limit": "5"})
    request = form["request"]
    assert isinstance(request, dict)
    assert request["action_id"] == "everything"
    assert request["params"] == {"service": "cart"}
    assert request["context"] == {"user": "ü"}
    assert request["tenant_id"] == TENANT
    assert [call["method"] for call in calls(form)] == [
        "CacheGet", "CacheSet", "CacheGetBatch", "LogEvent", "PublishResult", "GetConfig",
        "RequestApproval", "CallPlugin", "GetKPI", "ListKPIs", "CallPlugin",
    ]  # fmt: skip
    by_method = {call["method"]: call for call in calls(form)[:-1]}
    assert by_method["RequestApproval"]["response"] == {"approved": True, "reviewer": "Zoë"}
    assert by_method["CallPlugin"]["response"] == {
        "success": True,
        "result": {"result": {"$json_text": ["a"]}},
    }
    assert by_method["GetConfig"]["response"] == {"config": {"limit": "5"}, "version": 1}
    assert form["outcome"] == "completed"
    assert (form["cut"], form["calls_left_out"]) == ([], 0)
    starts = [call["at_ms"] for call in calls(form)]
    assert starts == sorted(starts, key=float)  # type: ignore[arg-type] # they are numbers


async def test_secret_parameters_are_hidden_everywhere(tmp_path: Path) -> None:
    """The value of a `Secret` parameter is neither in the request nor in calls nor the response."""
    params = {"user": "zoe", "pin": "4711-0815"}
    (form,) = await record(typed(), tmp_path, once("log_in", params))
    (file,) = recordings(tmp_path)
    assert "4711-0815" not in file.read_text()
    request, response = form["request"], form["response"]
    assert isinstance(request, dict)
    assert isinstance(response, dict)
    assert request["params"] == {"user": "zoe", "pin": "[secret]"}
    assert response["result"] == {"result": '"logged in with [secret]"'}


async def test_secrets_of_the_config_are_hidden_everywhere(tmp_path: Path) -> None:
    """The config in force is recorded without its secrets, and so is what contains them."""

    async def run(req: ExecuteRequest) -> object:
        config = await req.engine_client.get_config(req.ctx)
        await req.engine_client.cache_set(req.ctx, "untyped:x", f"pin {config['backend_pin']}")
        return {"url": "http://me:pass@backend/"}

    config = {"limit": "5", "backend_pin": "hunter22"}
    (form,) = await record(Untyped(run), tmp_path, once("run"), config=config)
    (file,) = recordings(tmp_path)
    assert "hunter22" not in file.read_text()
    assert "me:pass" not in file.read_text()
    assert form["config"] == {
        "values": {"limit": "5", "backend_pin": "[secret]"},
        "version": 1,
    }


async def test_credentials_of_the_caller_are_hidden(tmp_path: Path) -> None:
    """Metadata is recorded, but not the token in it."""

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        request = wire.ExecuteRequest(action_id="everything", params_json=b"{}")
        metadata = {"x-api-key": "abcdefgh", "x-request-id": "r-1"}
        await agent.stub().execute(request, metadata=metadata, timeout=10)

    (form,) = await record(typed(), tmp_path, use)
    metadata = form["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["x-api-key"] == "[secret]"
    assert metadata["x-request-id"] == "r-1"


async def test_an_error_of_the_agent_is_recorded(tmp_path: Path) -> None:
    """The response is what the engine got."""

    def run(req: ExecuteRequest) -> object:
        raise RuntimeError("the backend is down")

    (form,) = await record(Untyped(run), tmp_path, once("run"))
    response = form["response"]
    assert isinstance(response, dict)
    assert response["error"] == "the backend is down"
    assert "success" not in response


async def test_an_error_of_the_engine_is_recorded(tmp_path: Path) -> None:
    """With what the author's code compares: reason, status and whether it may be retried."""

    async def run(req: ExecuteRequest) -> object:
        return await req.engine_client.cache_get(req.ctx, "untyped:x")

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.fail("cache_get", "RESOURCE_EXHAUSTED", times=10)
        await agent.execute("run")

    (form,) = await record(Untyped(run), tmp_path, use)
    (call,) = calls(form)
    error = call["error"]
    assert isinstance(error, dict)
    assert "response" not in call
    assert (error["reason"], error["status"], error["retryable"]) == (
        "resource_exhausted", "RESOURCE_EXHAUSTED", True,
    )  # fmt: skip


async def test_a_cancelled_execution_is_recorded(tmp_path: Path) -> None:
    """With the call that had no answer yet."""

    async def run(req: ExecuteRequest) -> object:
        return await req.engine_client.cache_get(req.ctx, "untyped:x")

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.hang("cache_get")
        call = asyncio.create_task(agent.execute("run"))
        await engine.wait_for(
            lambda: [found for found in engine.calls if found.method == "cache_get"]
        )
        call.cancel()
        await asyncio.wait([call])

    (form,) = await record(Untyped(run), tmp_path, use)
    (call,) = calls(form)
    assert call["unanswered"] is True
    assert form["outcome"] == "cancelled"
    assert form["response"] is None


async def test_executions_that_run_at_once_are_kept_apart(tmp_path: Path) -> None:
    """Each file has the calls of its own execution, also those of child tasks."""

    async def run(req: ExecuteRequest) -> object:
        key = f"untyped:{req.params['n']}"
        found = [req.engine_client.cache_get(req.ctx, f"{key}:{part}") for part in range(3)]
        return await asyncio.gather(*found)

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        await asyncio.gather(*(agent.execute("run", {"n": str(n)}) for n in range(20)))

    forms = await record(Untyped(run), tmp_path, use)
    assert len(forms) == 20
    for form in forms:
        request = form["request"]
        assert isinstance(request, dict)
        n = request["params"]["n"]
        keys = [call["request"]["key"] for call in calls(form)]  # type: ignore[index] # an object
        assert sorted(keys) == [f"untyped:{n}:{part}" for part in range(3)]


async def test_calls_from_a_thread_are_recorded(tmp_path: Path) -> None:
    """A plain `execute` runs in a thread, with a loop of its own."""
    (form,) = await record(Blocking(lambda _: None), tmp_path, once("run"))
    assert [call["method"] for call in calls(form)] == ["CacheGet"]


async def test_a_published_agent_is_recorded(tmp_path: Path) -> None:
    """Also an agent that was written for the published SDK."""
    names: dict[str, object] = {"__name__": "published"}
    exec(PUBLISHED, names)  # noqa: S102 - an agent of the tests' own
    published = names["Published"]
    assert isinstance(published, type)
    plugin: MirastackPlugin = PluginAdapter(published())
    (form,) = await record(plugin, tmp_path, once("ping"))
    response = form["response"]
    assert isinstance(response, dict)
    assert response["result"] == {"pong": True}


async def test_without_the_variable_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank variable counts as not set."""
    monkeypatch.chdir(tmp_path)
    await record(Untyped(lambda _: 1), Path("  "), once("run"))
    assert os.listdir(tmp_path) == []


async def test_a_refused_execution_is_not_recorded(tmp_path: Path) -> None:
    """It never reached the author's code."""

    async def use(_: LocalEngine, agent: RegisteredAgent) -> None:
        with pytest.raises(AgentCallError):
            await agent.execute("run", tenant_id="other")

    assert await record(Untyped(lambda _: 1), tmp_path, use) == []


async def test_the_file_is_made_for_people(tmp_path: Path) -> None:
    """Its fields are in a fixed order, and short parts are on one line."""
    await record(Untyped(lambda _: {"rows": [1, 2]}), tmp_path, once("run", {"q": "ü"}))
    (file,) = recordings(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert list(json.loads(text)) == [
        "recording", "agent", "sdk", "recorded_at", "duration_ms", "timeout_ms", "encoding",
        "metadata", "config", "request", "calls", "outcome", "response", "cut", "calls_left_out",
    ]  # fmt: skip
    assert '\n    "params": {"q": "ü"},\n' in text
