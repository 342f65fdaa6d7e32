"""Agents of the published SDK beside an engine of grpc-go: the bytes that Go reads."""

from dataclasses import asdict

import pytest

from tests.compat.backend import backend
from tests.compat.published_agents import AGENTS, PublishedAgent
from tests.e2e.agent_process import agent_process
from tests.e2e.go_engine.building import Program
from tests.e2e.go_engine.driver import Fields, Json, go_bytes, go_engine, json_of


@pytest.mark.parametrize("encoding", ["json", "proto"])
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
        actions = agent["info"]["actions"]
        assert isinstance(actions, list)
        declared = {str(action["id"]): action for action in actions if isinstance(action, dict)}
        assert tuple(declared) == published.actions
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
