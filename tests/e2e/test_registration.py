"""Agents of every style register with an engine that checks what real engines check."""

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from mirastack_sdk.testing import Encoding, LocalEngine
from tests.documentation.documentation import MINIMAL_AGENT
from tests.e2e.agent_process import AGENTS, agent_process

ACME = "824a1531-d24a-549c-8003-23b0f2d206cd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registering:
    """An agent, an action of it that runs, and the actions whose routing is derived."""

    program: Path
    name: str
    action: str
    derived: tuple[str, ...]


STYLES = [
    Registering(
        program=MINIMAL_AGENT, name="my_agent", action="get_status", derived=("get_status",)
    ),
    Registering(
        program=AGENTS / "typed.py", name="typed_agent", action="look_up", derived=("look_up",)
    ),
    Registering(
        program=AGENTS / "guide" / "agent.py",
        name="mirastack-plugin-my-agent",
        action="query",
        derived=("query", "list_services", "restart_service"),
    ),
]


@pytest.mark.contract("Routing: documented agents must register")
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
async def test_agents_of_every_style_register(style: Registering, encoding: Encoding) -> None:
    """With a tenant, and with routing semantics for each action, in either encoding."""
    async with (
        LocalEngine(tenants=[ACME], encodings=[encoding]) as engine,
        agent_process(
            style.program, engine=engine.address, MIRASTACK_PLUGIN_TENANT_SLUG="acme"
        ) as process,
    ):
        agent = await engine.wait_registered(style.name, timeout=30)
        assert engine.violations == []
        assert agent.tenant_id == ACME
        for action in agent.introduction.schema.actions:
            assert action.routing_semantics is not None
            assert action.stages
        done = await agent.execute(style.action, {"service": "checkout"})
        assert done.success
        assert "checkout" in str(json.loads(done.output["result"]))
        line = await process.logged("routing semantics of these actions are derived")
        assert line.endswith(": " + ", ".join(style.derived))


async def test_the_guides_agent_declares_what_its_files_contain() -> None:
    """Prompt templates are the files' texts, and config parameters have the engine's types."""
    style = STYLES[2]
    async with (
        LocalEngine() as engine,
        agent_process(style.program, engine=engine.address),
    ):
        agent = await engine.wait_registered(style.name, timeout=30)
        info = agent.introduction.info
    prompts = {prompt.name: prompt.content for prompt in info.prompt_templates}
    files = sorted((style.program.parent / "prompts").glob("*.md"))
    assert prompts == {file.stem: file.read_text(encoding="utf-8") for file in files}
    assert [(param.key, param.type, param.default) for param in info.config_params] == [
        ("backend_url", "string", ""),
        ("timeout", "duration", "30s"),
        ("rows", "int", "100"),
    ]


@pytest.mark.contract(
    "The messages: the engine seeds its settings from the schema, and pushes them"
)
@pytest.mark.contract("The messages: durations are written as Go writes them")
async def test_typed_config_has_the_engines_types() -> None:
    """The engine seeds its settings from types and defaults, and pushes what it has seeded."""
    async with LocalEngine() as engine, agent_process("typed.py", engine=engine.address):
        agent = await engine.wait_registered("typed_agent", timeout=30)
        params = agent.introduction.info.config_params
        assert [(param.key, param.type, param.default) for param in params] == [
            ("timeout", "duration", "1h30m"),
            ("rows", "int", "100"),
            ("exact", "bool", "true"),
            ("ratio", "string", "0.5"),
            ("regions", "json", '["eu"]'),
        ]
        assert await looked_up(engine) == "1:30:00"
        seeded = {param.key: param.default for param in params}
        for text, meaning in {"1.5h": "1:30:00", "300ms": "0:00:00.300000", "0": "0:00:00"}.items():
            assert (await agent.push_config(seeded | {"timeout": text})).acknowledged
            assert await looked_up(engine) == meaning


async def looked_up(engine: LocalEngine) -> object:
    """The timeout that the typed agent works with."""
    done = await engine.agent("typed_agent").execute("look_up", {"service": "x"})
    [_, timeout] = json.loads(done.output["result"])
    return timeout


@pytest.mark.contract("Environment: without a tenant the engine refuses, and the log says why")
async def test_an_agent_without_a_tenant_learns_what_to_set() -> None:
    """The start warns, and the log of the refusal names the variables."""
    async with (
        LocalEngine(tenants=[ACME]) as engine,
        agent_process(MINIMAL_AGENT, engine=engine.address) as process,
    ):
        warning = await process.logged("no tenant is set, and engines refuse agents without one")
        assert " WARNING " in warning
        failure = await process.logged("registration failed")
        assert "tenant_id is required" in failure
        assert "MIRASTACK_PLUGIN_TENANT_ID or MIRASTACK_PLUGIN_TENANT_SLUG" in failure
        assert "reason=invalid_registration_request" in failure
        assert engine.agents == []


@pytest.mark.contract("The messages: instance_id is one fresh UUID per process")
async def test_each_process_is_an_instance() -> None:
    """Its id is a UUID that later registrations keep, and that no other process has."""
    async with LocalEngine() as engine:
        for _ in range(2):
            async with agent_process(
                "worker.py", engine=engine.address, MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL="0.1"
            ) as process:
                await engine.wait_registered("worker", timeout=30)
                engine.forget("worker")
                await engine.wait_registered("worker", timeout=30)
                process.signal()
                assert await process.ended() == 0
        ids = [record.instance_id for record in engine.registrations]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert [UUID(text).version for text in ids] == [4] * 4
