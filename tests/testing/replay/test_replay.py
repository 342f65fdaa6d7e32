"""A recorded execution is run again, and only what has changed is a difference."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from mirastack_sdk import Agent, ExecuteRequest, MirastackPlugin, Permission, Secret
from mirastack_sdk.agent import Env
from mirastack_sdk.compat import PluginAdapter
from mirastack_sdk.engine import Approval, EngineClient
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing import (
    MISSING,
    LocalEngine,
    RegisteredAgent,
    ReplayResult,
    replay,
)
from tests.cli.programs import PUBLISHED
from tests.runtime.recording.recorded_agents import (
    TENANT,
    Blocking,
    Untyped,
    once,
    script,
    typed,
)
from tests.testing.replay.replayed import Run, cached, calls_of, lines, made, recorded


async def everything(engine: LocalEngine, agent: RegisteredAgent) -> None:
    script(engine)
    engine.cache_of(TENANT).set("typed:cart", '{"rows": [1]}')
    await agent.execute("everything", {"service": "cart"}, context={"user": "ü"})


async def test_the_same_agent_does_the_same(tmp_path: Path) -> None:
    """Every call gets its recorded answer: cache, config, approvals, agents, KPIs and errors."""
    file = await recorded(typed(), tmp_path, everything, limit="5")
    assert await lines(file, typed()) == []


async def test_a_changed_answer_is_one_line(tmp_path: Path) -> None:
    """The line names the place in the result."""
    file = await recorded(Untyped(lambda _: {"rows": [1, 2]}), tmp_path, once("run"))
    assert await lines(file, Untyped(lambda _: {"rows": [1, 3]})) == [
        "response.result.result.rows[1]: recorded 2, now 3"
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param(
            ["a", "b"],
            [
                'response.result.result[2]: recorded "c", now nothing',
                f"calls[2]: recorded {made('c')}, now nothing",
            ],
            id="one less",
        ),
        pytest.param(
            ["a", "c"],
            [
                f"calls[1]: recorded {made('b')}, now nothing",
                'response.result.result[1]: recorded "b", now nothing',
            ],
            id="another one less",
        ),
        pytest.param(
            ["c", "a", "b"],
            [
                'response.result.result[0]: recorded "a", now "c"',
                'response.result.result[1]: recorded "b", now "a"',
                'response.result.result[2]: recorded "c", now "b"',
            ],
            id="another order",
        ),
        pytest.param(
            ["a", "x", "c"],
            ['calls[1].request.key: recorded "untyped:b", now "untyped:x"'],
            id="another key",
        ),
    ],
)
async def test_changed_calls_are_differences(
    tmp_path: Path, keys: list[str], expected: list[str]
) -> None:
    """A call has its answer whatever was called before, and each changed call is one line."""
    before = calls_of(*(f"untyped:{name}" for name in "abc"))
    file = await recorded(Untyped(before), tmp_path, cached)
    now = await lines(file, Untyped(calls_of(*(f"untyped:{name}" for name in keys))))
    assert sorted(now) == sorted(expected)


async def test_a_new_report_is_one_line(tmp_path: Path) -> None:
    """What an agent only reports is accepted, although the recording has no such call."""

    async def run(req: ExecuteRequest) -> object:
        await req.engine_client.log_event(req.ctx, {"event": "untyped.ran"})
        await req.engine_client.cache_set(req.ctx, "untyped:x", "1")
        return 1

    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    result = await replay(file, Untyped(run))
    assert [found.path for found in result.differences] == ["calls", "calls"]
    assert all(found.recorded is MISSING for found in result.differences)


async def test_a_new_question_has_no_answer(tmp_path: Path) -> None:
    """The call fails, and is a difference."""

    async def run(req: ExecuteRequest) -> object:
        try:
            await req.engine_client.call_plugin(req.ctx, "other", "list")
        except EngineError as error:
            return str(error)
        return None

    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    now = await lines(file, Untyped(run))
    assert len(now) == 2
    assert "CallPlugin: the recording has no such call" in now[1]


async def test_calls_at_once_may_come_in_any_order(tmp_path: Path) -> None:
    """Each is answered as the same call was, not in the order of the recording."""

    def shuffled(order: list[int]) -> Run:
        async def run(req: ExecuteRequest) -> object:
            keys = [f"untyped:{name}" for name in "abc"]
            ordered = [keys[index] for index in order]
            found = await asyncio.gather(
                *(req.engine_client.cache_get(req.ctx, key) for key in ordered)
            )
            return dict(sorted(zip(ordered, found, strict=True)))

        return run

    file = await recorded(Untyped(shuffled([0, 1, 2])), tmp_path, cached)
    assert await lines(file, Untyped(shuffled([2, 0, 1]))) == []


async def test_equal_calls_are_answered_in_their_order(tmp_path: Path) -> None:
    """A value that changed during the execution changes again."""

    async def run(req: ExecuteRequest) -> object:
        engine = req.engine_client
        before = await engine.cache_get(req.ctx, "untyped:x")
        await engine.cache_set(req.ctx, "untyped:x", "new")
        return [before, await engine.cache_get(req.ctx, "untyped:x")]

    file = await recorded(Untyped(run), tmp_path, once("run"))
    assert await lines(file, Untyped(run)) == []


@pytest.mark.parametrize("status", ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "PERMISSION_DENIED"])
async def test_errors_of_the_engine_come_again(tmp_path: Path, status: str) -> None:
    """With the same reason and status, and without the delays of retries."""

    async def run(req: ExecuteRequest) -> object:
        try:
            await req.engine_client.call_plugin(req.ctx, "other", "x")
        except EngineError as error:
            return [error.reason, error.status, error.retryable, str(error)]
        return None

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.fail("call_plugin", status, times=10)
        await agent.execute("run")

    file = await recorded(Untyped(run), tmp_path, use)
    assert await lines(file, Untyped(run)) == []


async def test_an_error_of_the_agent_is_no_difference(tmp_path: Path) -> None:
    """Unless its text has changed."""

    def run(text: str) -> Run:
        def raising(req: ExecuteRequest) -> object:
            raise RuntimeError(text)

        return raising

    file = await recorded(Untyped(run("it broke")), tmp_path, once("run"))
    assert await lines(file, Untyped(run("it broke"))) == []
    assert await lines(file, Untyped(run("it bent"))) == [
        'response.result.error: recorded "it broke", now "it bent"',
        'response.error: recorded "it broke", now "it bent"',
    ]


async def test_an_approval_that_was_denied_is_denied_again(tmp_path: Path) -> None:
    """Nobody is asked."""

    async def run(req: ExecuteRequest) -> object:
        return (await req.engine_client.request_approval(req.ctx, "Restart?")).comment

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.answer_approvals(Approval(approved=False, reviewer="Zoë", comment="not now"))
        await agent.execute("run")

    file = await recorded(Untyped(run), tmp_path, use)
    assert await lines(file, Untyped(run)) == []


@dataclass
class Config:
    """A config with a secret."""

    limit: Annotated[int, "A limit."] = 1
    pin: Annotated[Secret[str], "A PIN.", Env("TYPED_PIN")] = Secret("")


def configured() -> Agent:
    agent = Agent(
        name="configured",
        version="1.0.0",
        description="Has a config",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=Config,
    )

    @agent.action
    async def show(config: Config, engine: EngineClient) -> str:
        """Show the config. Use this to see it."""
        await engine.log_event(None, {"event": "configured.ran", "note": config.pin.reveal()})
        return f"{config.limit} {config.pin.reveal()}"

    return agent


async def test_the_agent_has_the_config_of_then(tmp_path: Path) -> None:
    """Without secrets, which the caller gives, or the agent's environment."""
    file = await recorded(configured(), tmp_path, once("show"), limit="7", pin="hunter22")
    assert "hunter22" not in file.read_text()
    assert await lines(file, configured(), pin="hunter33") == []
    result = await replay(file, configured(), environ={"TYPED_PIN": "hunter44"})
    assert result.differences == ()
    (line,) = await lines(file, configured(), limit="8", pin="hunter33")
    assert line == 'response.result.result: recorded "\\"7 [secret]\\"", now "\\"8 [secret]\\""'


async def test_calls_from_a_thread_are_answered(tmp_path: Path) -> None:
    """A plain `execute` runs in a thread, with a loop of its own."""
    plugin = Blocking(lambda _: None)

    async def use(engine: LocalEngine, agent: RegisteredAgent) -> None:
        engine.cache_of(TENANT).set("untyped:x", "found")
        await agent.execute("run")

    file = await recorded(plugin, tmp_path, use)
    assert await lines(file, Blocking(lambda _: None)) == []


async def test_a_published_agent_is_replayed(tmp_path: Path) -> None:
    """Also an agent that was written for the published SDK."""

    def published() -> MirastackPlugin:
        names: dict[str, object] = {"__name__": "published"}
        exec(PUBLISHED, names)  # noqa: S102 - an agent of the tests' own
        plugin = names["Published"]
        assert isinstance(plugin, type)
        return PluginAdapter(plugin())

    file = await recorded(published(), tmp_path, once("ping"))
    assert await lines(file, published()) == []


async def test_huge_results_are_compared(tmp_path: Path) -> None:
    """Of what is too large to be recorded, the digest is compared."""

    def run(text: str) -> Run:
        return lambda _: text * 1_000_000

    file = await recorded(Untyped(run("x")), tmp_path, once("run"))
    assert await lines(file, Untyped(run("x"))) == []
    (line,) = await lines(file, Untyped(run("y")))
    assert line.startswith('response.result: recorded {"$cut":{"bytes":1000')


async def test_a_recording_can_be_updated(tmp_path: Path) -> None:
    """The run replaces it, with the config and the answers of then; its mode stays private."""
    file = await recorded(Untyped(calls_of("untyped:a")), tmp_path, cached, limit="5")

    async def run(req: ExecuteRequest) -> object:
        return [await req.engine_client.cache_get(req.ctx, "untyped:a"), "new"]

    result = await replay(file, Untyped(run))
    assert len(result.differences) == 1
    result.update()
    assert file.stat().st_mode & 0o777 == 0o600
    assert await lines(file, Untyped(run)) == []
    form = json.loads(file.read_text())
    assert form["config"]["values"] == {"limit": "5"}
    assert form["calls"][0]["response"] == {"value": "a", "found": True}


async def test_places_can_be_ignored(tmp_path: Path) -> None:
    """Values that depend on the time differ in each run."""
    moments = iter(range(10))
    plugin = Untyped(lambda _: {"at": next(moments), "rows": 1})
    file = await recorded(plugin, tmp_path, once("run"))
    assert len((await replay(file, plugin)).differences) == 1
    ignored = await replay(file, plugin, ignore=["response.result.result.at"])
    assert ignored.differences == ()


async def test_a_result_shows_only_what_people_read(tmp_path: Path) -> None:
    """`repr()` is short."""
    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    result = await replay(file, Untyped(lambda _: 1))
    assert isinstance(result, ReplayResult)
    assert repr(result) == f"ReplayResult(path={str(file)!r}, differences=())"
