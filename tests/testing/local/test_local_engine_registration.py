"""Agents register with a local engine, send heartbeats and deregister."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk.engine import License, LicenseQuotas
from mirastack_sdk.testing import Encoding, LocalEngine, RegistrationRecord
from tests.testing.agents import EchoAgent, HandAgent, calling, serving, valid_action


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    """A running engine."""
    async with LocalEngine(dial_timeout=2) as running:
        yield running


@pytest.fixture
async def agent() -> AsyncIterator[HandAgent]:
    """A running agent that sends what the test wants."""
    async with HandAgent().serving() as running:
        yield running


async def register(engine: LocalEngine, agent: HandAgent, **changes: object) -> str:
    """Register the agent, and return the reason of a refusal or an empty string."""
    async with calling(engine) as stub:
        reply = await stub.register_plugin(agent.registration(**changes))
    assert reply.success is (not reply.error)
    return reply.error


async def test_a_real_agent_registers_and_deregisters(engine: LocalEngine) -> None:
    """An agent is known from its registration to its deregistration."""
    async with serving(EchoAgent(), engine):
        agent = await engine.wait_registered("echo_agent")
        assert engine.agents == ["echo_agent"]
        assert (agent.name, agent.version) == ("echo_agent", "1.2.3")
    await engine.wait_deregistered("echo_agent")
    assert engine.agents == []
    assert [entry.known for entry in engine.deregistrations] == [True]
    assert engine.violations == []


@pytest.mark.contract("Who calls whom: the engine dials back before it answers")
async def test_the_engine_dials_back_before_it_responds(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Info, GetSchema and HealthCheck are called while RegisterPlugin is open."""
    assert await register(engine, agent) == ""
    assert agent.called == ["info", "get_schema", "health_check"]


@pytest.mark.parametrize("encoding", Encoding)
async def test_the_engine_dials_back_in_the_callers_encoding(
    engine: LocalEngine, agent: HandAgent, encoding: Encoding
) -> None:
    """An agent is called in the encoding of its registration, unless a call chooses another."""
    async with calling(engine, encoding=encoding) as stub:
        await stub.register_plugin(agent.registration())
    assert engine.agent("hand_agent").encoding is encoding


async def test_the_introduction_is_kept(engine: LocalEngine, agent: HandAgent) -> None:
    """The responses to the dial back are available as typed declarations."""
    await register(engine, agent)
    introduction = engine.agent("hand_agent").introduction
    assert introduction.info.description == "By hand"
    assert [action.name for action in introduction.schema.actions] == ["echo"]
    assert introduction.health.healthy


async def test_the_license_comes_with_the_registration(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """The response to a registration contains the license with its quotas."""
    engine.license = License(
        active=True, effective_tier="pro", quotas=LicenseQuotas(max_tenants=-1)
    )
    async with calling(engine) as stub:
        reply = await stub.register_plugin(agent.registration())
    assert reply.license is not None
    assert reply.license.effective_tier == "pro"
    assert reply.license.quotas is not None
    assert reply.license.quotas.max_tenants == -1


async def test_there_may_be_no_license(engine: LocalEngine, agent: HandAgent) -> None:
    """An engine without a license sends none."""
    engine.license = None
    async with calling(engine) as stub:
        reply = await stub.register_plugin(agent.registration())
    assert reply.success
    assert reply.license is None


async def test_each_registration_is_recorded(engine: LocalEngine, agent: HandAgent) -> None:
    """A registration is recorded with its contents, accepted or refused."""
    await register(engine, agent)
    await register(engine, agent, version="")
    accepted, refused = engine.registrations
    assert accepted == RegistrationRecord(
        name="hand_agent",
        version="1.0.0",
        address=agent.address,
        instance_id=agent.instance_id,
        tenant_id="",
        encoding=Encoding.JSON,
    )
    assert accepted.accepted
    assert not refused.accepted
    assert refused.error == "RegisterPlugin has no version"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"version": " "}, "RegisterPlugin has no version"),
        ({"instance_id": ""}, "RegisterPlugin has no instance_id"),
        (
            {"plugin_type": wire.PluginType.PROVIDER},
            "RegisterPlugin says plugin_type PROVIDER, not AGENT",
        ),
        ({"grpc_addr": "nowhere"}, "grpc_addr 'nowhere' cannot be dialled: the port is missing"),
        ({"version": "2.0.0"}, "Info says version '1.0.0', RegisterPlugin '2.0.0'"),
    ],
)
async def test_a_registration_that_breaks_the_contract_is_refused(
    engine: LocalEngine, agent: HandAgent, changes: dict[str, object], error: str
) -> None:
    """The refusal names the violation, which is recorded."""
    assert await register(engine, agent, **changes) == error
    assert [violation.text for violation in engine.violations] == [error]
    assert engine.agents == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "other"}, "Info says name 'other', RegisterPlugin 'hand_agent'"),
        ({"type": wire.PluginType.UNSPECIFIED}, "Info says type UNSPECIFIED, expected AGENT"),
        (
            {"permission": wire.Permission.WRITE},
            "Info says permission WRITE, expected one of READ, MODIFY, ADMIN",
        ),
        ({"devops_stages": []}, "Info has no devops_stages, expected at least one"),
    ],
)
async def test_an_agent_with_wrong_responses_is_refused(
    engine: LocalEngine, agent: HandAgent, changes: dict[str, object], error: str
) -> None:
    """The refusal names what the dial back found, which is recorded as a violation."""
    agent.info_changes = changes
    assert await register(engine, agent) == error
    assert [violation.text for violation in engine.violations] == [error]


@pytest.mark.contract(
    "From the documented API to the wire: an action is sent with the plugin's stages, at least one"
)
async def test_an_action_without_a_stage_is_refused(engine: LocalEngine, agent: HandAgent) -> None:
    """Each action needs at least one stage."""
    agent.actions[0].stages = []
    assert await register(engine, agent) == "action 'echo' has no stages, expected at least one"


async def test_an_action_without_a_permission_is_refused(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Each action needs a permission."""
    agent.actions[0].permission = wire.Permission.UNSPECIFIED
    error = await register(engine, agent)
    assert error == (
        "action 'echo' has permission UNSPECIFIED, expected one of READ, MODIFY, ADMIN"
    )


async def test_an_agent_without_actions_is_refused(engine: LocalEngine, agent: HandAgent) -> None:
    """An agent needs at least one action."""
    agent.actions = []
    assert await register(engine, agent) == "the agent has no actions, expected at least one"


@pytest.mark.parametrize("data", [b"", b"{}", b'[{"name": "a"}]', b"\xff"])
async def test_parameters_that_are_not_an_array_are_refused(
    engine: LocalEngine, agent: HandAgent, data: bytes
) -> None:
    """The parameters of an action are a JSON array of parameter objects."""
    agent.actions[0].input_params = data
    error = await register(engine, agent)
    assert error == f"input_params of action 'echo' is not a JSON array of parameters: {data!r}"


async def test_every_violation_is_named_at_once(engine: LocalEngine, agent: HandAgent) -> None:
    """The refusal names all violations."""
    agent.info_changes = {"devops_stages": []}
    agent.actions = [valid_action()]
    agent.actions[0].stages = []
    error = await register(engine, agent)
    assert error.split("; ") == [violation.text for violation in engine.violations]
    assert len(engine.violations) == 2


async def test_an_agent_that_cannot_be_dialled_is_refused(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """An address where nobody listens is refused, but is not a violation of the contract."""
    async with HandAgent().serving() as gone:
        address = gone.address
    error = await register(engine, agent, grpc_addr=address)
    assert error.startswith(f"the agent does not answer at {address}: ")
    assert engine.violations == []


async def test_an_agent_that_never_responds_is_refused(agent: HandAgent) -> None:
    """The engine does not wait longer than its dial timeout."""
    agent.hanging = True
    async with LocalEngine(dial_timeout=0.05) as engine:
        error = await register(engine, agent)
    assert "did not answer in time" in error


@pytest.mark.contract("How agents are deployed: replicas advertise the Service's name")
async def test_instances_of_one_name_are_distinguished(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """A replica that deregisters leaves the others registered."""
    async with HandAgent().serving() as replica:
        await register(engine, agent)
        await register(engine, replica)
        async with calling(engine) as stub:
            await stub.deregister_plugin(
                wire.DeregisterPluginRequest(name=agent.name, instance_id=agent.instance_id)
            )
        assert engine.agent("hand_agent").instance_id == replica.instance_id


async def test_an_unknown_instance_may_deregister(engine: LocalEngine) -> None:
    """It is recorded as unknown."""
    async with calling(engine) as stub:
        request = wire.DeregisterPluginRequest(name="hand_agent", instance_id="x")
        assert (await stub.deregister_plugin(request)).acknowledged
    assert [entry.known for entry in engine.deregistrations] == [False]


async def test_a_heartbeat_of_a_known_agent_is_acknowledged(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """A registered instance stays registered, and receives interval and license."""
    engine.heartbeat_interval = 7
    await register(engine, agent)
    async with calling(engine) as stub:
        reply = await stub.heartbeat(
            wire.HeartbeatRequest(name=agent.name, instance_id=agent.instance_id)
        )
    assert reply.acknowledged
    assert not reply.re_register_required
    assert reply.heartbeat_interval_seconds == 7
    assert reply.license is not None
    assert [beat.known for beat in engine.heartbeats] == [True]


async def test_a_heartbeat_of_an_unknown_agent_asks_it_to_register(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Another instance of the same name is unknown too."""
    await register(engine, agent)
    async with calling(engine) as stub:
        reply = await stub.heartbeat(wire.HeartbeatRequest(name=agent.name, instance_id="other"))
    assert reply.re_register_required
    assert [beat.known for beat in engine.heartbeats] == [False]


async def test_waiting_for_an_agent_says_why_it_was_refused(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """Waiting for an agent that was refused ends with the reason."""
    await register(engine, agent, version="")
    with pytest.raises(TimeoutError, match="hand_agent: RegisterPlugin has no version"):
        await engine.wait_registered("hand_agent", timeout=0.01)


async def test_waiting_may_begin_before_the_agent_starts(
    engine: LocalEngine, agent: HandAgent
) -> None:
    """A test may wait for an agent that is about to start."""
    waiting = asyncio.create_task(engine.wait_registered("hand_agent"))
    await register(engine, agent)
    assert (await waiting).instance_id == agent.instance_id


async def test_an_unknown_agent_is_a_lookup_error(engine: LocalEngine) -> None:
    """The error names the agents that are registered."""
    with pytest.raises(LookupError, match="no agent 'x' is registered; registered: none"):
        engine.agent("x")
