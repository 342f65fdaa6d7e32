"""Agents of the published SDK beside an engine of grpc-go."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from mirastack_sdk.compat import (
    ExecuteRequest,
    ExecuteResponse,
    Permission,
    PluginAdapter,
    respond_json,
    respond_map,
)
from tests.compat.backend import backend
from tests.compat.probe import Probe
from tests.compat.published_agents import AGENTS, PublishedAgent
from tests.e2e.agent_process import agent_process
from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import Fields, Json, go_bytes, go_engine, json_of
from tests.e2e.in_process import served

ENCODINGS = pytest.mark.parametrize("encoding", ["json", "proto"])


@ENCODINGS
@pytest.mark.parametrize("published", AGENTS, ids=lambda agent: agent.name)
async def test_they_register_and_run(
    program: Program, published: PublishedAgent, encoding: str
) -> None:
    """Go registers each agent, reads its declarations, and gets its answers as JSON objects."""
    async with (
        backend(published.answers) as fake,
        go_engine(program, encoding=encoding) as engine,
        agent_process(
            published.program,
            engine=engine.address,
            MIRASTACK_PLUGIN_TENANT_SLUG="acme",
            **{published.variable: fake.url},
        ),
    ):
        agent = (await engine.happened("registered")).agent
        assert agent["health"]["healthy"] is True
        assert_declared(published, agent["info"]["actions"])
        for question in published.questions:
            request: Fields = {
                "execution_id": "e-1",
                "action_id": question.action,
                "params_json": go_bytes(dict[str, Json](question.params)),
                "time_range": None
                if question.time_range is None
                else dict[str, Json](asdict(question.time_range)),
            }
            outcome = await engine.call("Execute", request)
            assert (outcome.code, outcome.reply["success"]) == ("OK", True)
            output = json_of(outcome.reply["result_json"])
            assert isinstance(output, dict)
            assert output.items() >= question.output.items()
            assert dict(fake.last().query) == question.query
        pushed = await engine.call(
            "ConfigUpdated", {"config": {published.config_key: fake.url}, "version": 2}
        )
        assert pushed.reply == {"acknowledged": True, "error": ""}


def assert_declared(published: PublishedAgent, actions: Json) -> None:
    """Go reads the actions in their order, with their routing and priorities."""
    assert isinstance(actions, list)
    declared = {str(action["id"]): action for action in actions if isinstance(action, dict)}
    assert tuple(declared) == published.actions
    for name, action in declared.items():
        routing, intents = action["routing_semantics"], action["intents"]
        assert isinstance(routing, dict)
        assert routing["accepted_intent_domains"] == [f"core.observe.{published.name}"]
        assert routing["capability_domain"] == f"core.observe.{published.name}.{name}"
        assert isinstance(intents, list)
        # Priorities of published agents are 10 and less, and count a tenth as confidence.
        first = intents[0]
        assert isinstance(first, dict)
        assert (first["priority"], first["confidence"]) == (10, 1)


async def use_every_call(probe: Probe, req: ExecuteRequest) -> ExecuteResponse:
    """Make each published call of the engine, and check what Go answers."""
    if "echo" in req.params:
        return respond_map({"echo": req.params["echo"], "action": req.action_id, "n": 1})
    engine, execution = probe._engine_context, req.execution_id  # noqa: SLF001 - as agents do
    value = "<é> \u2028 & " + "x" * 100_000
    await engine.cache_set("probe:k", value, timedelta(minutes=5))
    assert await engine.cache_get("probe:k") == value
    assert await engine.cache_get("probe:other") is None
    assert await engine.cache_get_batch(["probe:other", "probe:k"]) == [
        {"key": "probe:other", "value": "", "found": False},
        {"key": "probe:k", "value": value, "found": True},
    ]
    await engine.publish_result(execution, {"part": 1})
    assert await engine.request_approval(execution, "Restart?", Permission.MODIFY) is True
    await engine.log_event("warning", "probe.ran", {"rows": 3})
    called = await engine.call_plugin("probe", {"action": "run", "echo": "<ü>", "limit": 7})
    assert called["echo"] == "<ü>"
    with pytest.raises(RuntimeError, match="'nobody'"):
        await engine.call_plugin("nobody", {"action": "run"})
    (kpi,) = await engine.list_kpis("latency")
    assert kpi["id"] == "k-1"
    assert await engine.get_kpi("k-2") is None
    assert await engine.get_config(["plugin"]) == {"plugin": "probe"}
    assert probe._engine_license_context.quotas.max_tenants == -1  # noqa: SLF001 - as agents do
    return respond_json({"called": "all"})


@ENCODINGS
async def test_every_published_call(program: Program, encoding: str) -> None:
    """Go reads each request of an EngineContext, and the agent each response."""
    probe = Probe(use_every_call)
    async with (
        go_engine(program, encoding=encoding) as engine,
        served(PluginAdapter(probe), engine=engine.address, MIRASTACK_PLUGIN_TENANT_ID="t-1"),
    ):
        await engine.happened("registered")
        outcome = await engine.call(
            "Execute", {"execution_id": "e-1", "step_id": "s-1", "action_id": "run"}
        )
        assert outcome.reply["error"] == ""
        assert json_of(outcome.reply["result_json"]) == {"called": "all"}
        assert (await probe._engine_context.get_config())["plugin"] == "probe"  # noqa: SLF001 - as agents do
        calls = engine.all_of("called")
    requests = {call.method: call.request for call in reversed(calls)}
    assert {call.metadata["x-plugin-name"] for call in calls} == {"probe"}
    assert {c.request["tenant_id"] for c in calls if "tenant_id" in c.request} == {"t-1"}
    published, approval = requests["PublishResult"], requests["RequestApproval"]
    assert (published["execution_id"], published["step_id"]) == ("e-1", "s-1")
    assert json_of(published["result_json"]) == {"part": 1}
    assert (approval["execution_id"], approval["required_permission"]) == ("e-1", 2)
    event = requests["LogEvent"]
    assert (event["event_type"], event["severity"]) == ("probe.ran", "warning")
    assert json_of(event["data_json"]) == {"rows": 3}
    params = json_of(requests["CallPlugin"]["params_json"])
    assert isinstance(params, dict)
    assert params.items() >= {"action": "run", "echo": "<ü>", "limit": 7}.items()
    assert requests["CallPlugin"]["action_id"] == "run"
    assert requests["CacheSet"]["ttl_seconds"] == 300
