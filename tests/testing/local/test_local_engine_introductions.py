"""A local engine checks the declarations of agents as real engines do."""

from collections.abc import AsyncIterator

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk.testing import LocalEngine
from tests.testing.agents import HandAgent, calling, valid_action

CONFIG_TYPES = "string, int, bool, duration, json"


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    """A running engine."""
    async with LocalEngine() as running:
        yield running


@pytest.fixture
async def agent() -> AsyncIterator[HandAgent]:
    """A running agent that sends what the test wants."""
    async with HandAgent().serving() as running:
        yield running


async def register(engine: LocalEngine, agent: HandAgent) -> str:
    """Register the agent, and return the reason of a refusal or an empty string."""
    async with calling(engine) as stub:
        return (await stub.register_plugin(agent.registration())).error


@pytest.mark.contract("Routing: the engine enforces the rules at registration")
async def test_an_action_without_routing_semantics_is_refused(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Engines in the field refuse it as well."""
    agent.actions[0].routing_semantics = None
    error = await register(engine, agent)
    assert error == "action 'echo' has no routing_semantics, which engines require"


@pytest.mark.contract("Routing: the engine enforces the rules at registration")
async def test_wrong_routing_semantics_are_refused(engine: LocalEngine, agent: HandAgent) -> None:
    """By the rules that agents are checked by at their start."""
    semantics = agent.actions[0].routing_semantics
    assert semantics is not None
    semantics.capability_domain, semantics.positive_use_cases = "echo", []
    await register(engine, agent)
    texts = [violation.text for violation in engine.violations]
    assert [text.split(" must ")[0] for text in texts] == [
        "action 'echo': routing_semantics: capability_domain",
        "action 'echo': routing_semantics: positive_use_cases",
    ]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", "", "an action has no id"),
        ("description", " ", "action 'echo' has no description"),
    ],
)
async def test_an_action_without_its_texts_is_refused(
    engine: LocalEngine, agent: HandAgent, field: str, value: str, error: str
) -> None:
    """Both are required."""
    setattr(agent.actions[0], field, value)
    assert await register(engine, agent) == error


async def test_an_action_that_is_declared_twice_is_refused(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Ids are unique."""
    agent.actions = [valid_action(), valid_action()]
    assert await register(engine, agent) == "action 'echo' is declared 2 times"


@pytest.mark.contract("The messages: ConfigParamSchema.type is one of the engine's five")
@pytest.mark.parametrize(
    ("param", "error"),
    [
        (
            wire.ConfigParamSchema(key="", description="What", type="string"),
            "config parameter '' has no key or no description",
        ),
        (
            wire.ConfigParamSchema(key="rows", description="What", type="integer"),
            f"config parameter 'rows' has type 'integer', expected one of {CONFIG_TYPES}",
        ),
    ],
)
async def test_a_config_parameter_of_a_wrong_type_is_refused(
    engine: LocalEngine, agent: HandAgent, param: wire.ConfigParamSchema, error: str
) -> None:
    """The engine seeds its settings from the declaration."""
    agent.info_changes = {"config_schema": [param]}
    assert await register(engine, agent) == error


@pytest.mark.contract("How agents are deployed: replicas advertise the Service's name")
async def test_another_replica_may_respond(engine: LocalEngine, agent: HandAgent) -> None:
    """The infrastructure spreads the calls, so Info may come from another instance."""
    agent.info_changes = {"instance_id": "another-replica"}
    assert await register(engine, agent) == ""
    assert engine.agent("hand_agent").instance_id == agent.instance_id
    agent.info_changes = {"instance_id": ""}
    assert await register(engine, agent) == "Info has no instance_id"
