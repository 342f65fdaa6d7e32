"""The inspector's API shows an agent, runs its actions, and records what they do."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mirastack_sdk._cli.inspector import execution_history
from tests.cli.inspector.stage import Stage, inspected, names, only, open_page


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with inspected() as running:
        yield running


async def test_the_state_shows_the_agent(stage: Stage) -> None:
    """The card, the actions with their schemas, and the health of the registered agent."""
    state = await stage.get("/api/state")
    agent = state["agent"]
    assert isinstance(agent, dict)
    assert (agent["name"], agent["permission"], agent["stages"]) == ("busy", "MODIFY", ["operate"])
    assert "echo" in names(agent["actions"], "name")
    action = agent["actions"][0]
    assert action["input_schema"]["properties"]["n"] == {
        "type": "integer",
        "description": "How many",
        "default": 3,
    }
    assert action["routing"]["capability_domain"] == "core.operate.busy.echo"
    assert agent["model_view"][0]["parameters"] == action["input_schema"]
    assert only(agent["config_params"][1:])["secret"] is True
    assert (state["target"], state["engine_address"]) == ("busy.py", stage.engine.address)
    match state["reload"], state["health"]:
        case {"status": "running", "error": None}, {"healthy": True}:
            pass
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
async def test_an_execution_runs_and_shows_its_messages(stage: Stage, encoding: str) -> None:
    """The result, the logs and the messages in both encodings, whichever was used."""
    done = await stage.run("echo", params={"n": 5, "x": [1]}, encoding=encoding)
    assert (done["status"], done["encoding"], done["error"]) == ("succeeded", encoding, None)
    assert done["result"] == {"action": "echo", "n": "5", "x": "[1]"}
    assert done["logs"] == ["done"]
    wire = done["wire"]
    assert isinstance(wire, dict)
    assert '"action_id":"echo"' in wire["request"]["json"]
    assert b"echo".hex() in wire["request"]["protobuf"]
    assert wire["response"]["protobuf"].startswith("0801")
    listed = only((await stage.get("/api/state"))["executions"])
    assert (listed["id"], "wire" in listed) == (done["id"], False)


async def test_the_time_range_reaches_the_agent(stage: Stage) -> None:
    """The range of the page is the range of the request."""
    time_range = {
        "start_epoch_ms": 1000,
        "end_epoch_ms": 2000,
        "timezone": "Europe/Berlin",
        "original_expression": "last second",
    }
    done = await stage.run("echo", time_range=time_range)
    assert done["time_range"] == time_range
    wire = done["wire"]
    assert isinstance(wire, dict)
    assert "Europe/Berlin" in wire["request"]["json"]


@pytest.mark.parametrize(
    ("action", "status", "error"),
    [("fail", "failed", "the backend is down"), ("nope", "failed", "nope")],
)
async def test_a_failed_execution_says_why(
    stage: Stage, action: str, status: str, error: str
) -> None:
    """An exception and an unknown action are failures with the agent's text."""
    done = await stage.run(action)
    assert done["status"] == status
    assert error in str(done["error"])


async def test_an_execution_is_cancelled(stage: Stage) -> None:
    """DELETE cancels the agent's code and ends the execution as cancelled."""
    started = await stage.send("POST", "/api/executions", {"action": "wait"})
    async with asyncio.timeout(60):
        await stage.plugin.started.wait()
    assert started["status"] == "running"
    cancelled = await stage.send("DELETE", f"/api/executions/{started['id']}")
    assert cancelled["status"] == "cancelled"
    async with asyncio.timeout(60):
        await stage.plugin.cancelled.wait()


async def test_an_execution_that_takes_too_long_fails(stage: Stage) -> None:
    """The time limit of the page is that of the call."""
    done = await stage.run("wait", timeout_s=0.05)
    assert done["status"] == "failed"
    assert "deadline" in str(done["error"]).lower()


async def test_callbacks_are_shown_with_their_execution(stage: Stage) -> None:
    """Each call of the engine, with its request, its response and its times, in order."""
    done = await stage.run("cache")
    callbacks = done["callbacks"]
    assert names(callbacks, "method") == ["cache_set", "cache_get"]
    assert isinstance(callbacks, list)
    written, read = callbacks
    assert written["request"]["key"] == "busy:answer"
    assert read["response"] == {"value": "42", "found": True}
    assert 0 <= written["at_ms"] <= read["at_ms"] <= done["duration_ms"]
    assert written["duration_ms"] >= 0
    assert (written["shared"], written["error"]) == (False, None)


async def test_a_callback_of_one_of_several_executions_is_marked(stage: Stage) -> None:
    """Messages that do not name their execution are shown with each that may have sent them."""
    waiting = await stage.send("POST", "/api/executions", {"action": "wait"})
    async with asyncio.timeout(60):
        await stage.plugin.started.wait()
    done = await stage.run("cache")
    other = await stage.get(f"/api/executions/{waiting['id']}")
    assert names(done["callbacks"], "shared") == [True, True]
    assert names(other["callbacks"], "method") == ["cache_set", "cache_get"]
    # Partial results name their execution.
    published = await stage.run("publish")
    assert names(published["partials"], "json")[0] == {"rows": 1}
    assert (await stage.get(f"/api/executions/{waiting['id']}"))["partials"] == []


async def test_events_and_partial_results_arrive_live(stage: Stage) -> None:
    """The stream shows partial results, progress and events as the agent sends them."""
    async with open_page(stage) as page:
        await page.next("state")
        started = await stage.send("POST", "/api/executions", {"action": "publish"})
        partial = await page.next("partial")
        assert (partial["json"], partial["progress"]) == ({"rows": 1}, None)
        assert partial["execution_id"] == started["id"]
        event = await page.next("event")
        assert event["fields"] == {
            "event": "seen",
            "severity": "warning",
            "data": {"where": "here"},
        }
        progress = await page.next("partial")
        assert (progress["progress"], progress["message"]) == (0.5, "half")
        ended = await page.next("execution", lambda one: one["status"] != "running")
    assert (ended["status"], ended["result"]) == ("succeeded", "published")
    assert only((await stage.get("/api/state"))["events"]) == event


async def test_the_cache_is_shown_and_changed(stage: Stage) -> None:
    """The page reads, writes and deletes what the agent reads and writes."""
    async with open_page(stage) as page:
        await page.next("state")
        await stage.run("cache")
        await page.next("cache")
    entry = only((await stage.get("/api/state"))["cache"])
    assert (entry["key"], entry["value"]) == ("busy:answer", "42")
    assert isinstance(entry["expires_at"], int)
    await stage.send("PUT", "/api/cache/busy:a/b", {"value": "1", "ttl_s": 0})
    assert stage.engine.cache.get("busy:a/b") == "1"
    await stage.send("DELETE", "/api/cache/busy:a/b")
    assert "busy:a/b" not in stage.engine.cache
    sentence = await stage.refused("DELETE", "/api/cache/busy:a/b", {}, 404)
    assert sentence == "the cache has no entry 'busy:a/b'"
    await stage.send("PUT", "/api/cache/busy:%0A%1B%2F", {"value": "2", "ttl_s": 0})
    assert stage.engine.cache.get("busy:\n\x1b/") == "2"
    await stage.refused("PUT", "/api/cache/", {"value": "1"}, 400)
    await stage.send("DELETE", "/api/cache")
    assert list(stage.engine.cache) == []


async def test_large_values_are_shortened_where_they_are_listed(stage: Stage) -> None:
    """A large result is left out of lists and shown with its execution; so is a cache value."""
    done = await stage.run("echo", params={"text": "x" * 100_000})
    assert done["result_omitted"] is False
    assert "x" * 100_000 in str(done["result"])
    stage.engine.cache.set("busy:large", b"y" * 100_000)
    state = await stage.get("/api/state")
    listed, entry = only(state["executions"]), only(state["cache"])
    assert (listed["result"], listed["result_omitted"]) == (None, True)
    assert (entry["bytes"], entry["value"]) == (100_000, "y" * 16_384)


async def test_only_so_many_executions_are_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest ones are forgotten, by their number or by the size of their results."""
    monkeypatch.setattr(execution_history, "_MOST_KEPT", 2)
    ids = [str((await stage.run("echo"))["id"]) for _ in range(3)]
    sentence = await stage.refused("GET", f"/api/executions/{ids[0]}", {}, 404)
    assert sentence == "there is no such execution, or no longer"
    monkeypatch.setattr(execution_history, "_MOST_BYTES", 100_000)
    ids += [str((await stage.run("echo", params={"x": "x" * 90_000}))["id"]) for _ in range(2)]
    executions = (await stage.get("/api/state"))["executions"]
    assert names(executions, "id") == ids[-1:]


async def test_config_is_pushed_and_its_secrets_are_not_shown(stage: Stage) -> None:
    """The agent gets the values, and the page gets `***`; sent back or left out, that stays."""
    first = await stage.send(
        "POST", "/api/config", {"values": {"url": "http://a", "password": "pa55word"}}
    )
    assert (first["acknowledged"], first["error"]) == (True, None)
    shown = (await stage.get("/api/state"))["config"]
    assert shown == {"values": {"url": "http://a", "password": "***"}, "version": first["version"]}
    await stage.send("POST", "/api/config", {"values": {"url": "http://b", "password": "***"}})
    assert stage.plugin.config == {"url": "http://b", "password": "pa55word"}
    await stage.send("POST", "/api/config", {"values": {"url": "http://c"}})
    assert stage.plugin.config == {"url": "http://c", "password": "pa55word"}
    done = await stage.run("configure")
    assert done["result"] == ["password", "url"]
    assert "pa55word" not in str(await stage.get("/api/state")) + str(done)


async def test_a_refused_config_says_why(stage: Stage) -> None:
    """The agent's objection is the response, and values must be texts."""
    refused = await stage.send("POST", "/api/config", {"values": {"wrong": "1"}})
    assert (refused["acknowledged"], refused["error"]) == (False, "there is no such key")
    sentence = await stage.refused("POST", "/api/config", {"values": {"url": 1}}, 400)
    assert sentence == "values.url must be a text, and is 1"


async def test_health_is_checked_on_demand(stage: Stage) -> None:
    """The agent's health check runs when the page asks for it."""
    stage.plugin.ill = "no backend"
    async with open_page(stage) as page:
        await page.next("state")
        health = await stage.send("POST", "/api/health")
        assert (health["healthy"], health["message"]) == (False, "no backend")
        assert await page.next("health") == health


async def test_violations_are_shown(stage: Stage) -> None:
    """A breach of the contract that engines accept is shown nevertheless."""
    async with open_page(stage) as page:
        await page.next("state")
        await stage.run("complain")
        await page.next("execution", lambda one: one["status"] != "running")
    violations = (await stage.get("/api/state"))["violations"]
    assert "cache_set: the cache key 'not-mine'" in str(violations)


async def test_without_an_agent_nothing_runs() -> None:
    """What needs an agent is refused with the reason; the config is kept for its start."""
    async with inspected(with_agent=False) as stage:
        stage.desk.set_reload("failed", "Traceback\nSyntaxError: invalid syntax")
        sentence = await stage.refused("POST", "/api/executions", {"action": "echo"}, 409)
        assert sentence == "the agent does not run: SyntaxError: invalid syntax"
        await stage.refused("POST", "/api/health", {}, 409)
        pushed = await stage.send("POST", "/api/config", {"values": {"url": "x"}})
        assert pushed["acknowledged"] is False
        assert stage.engine.config == {"url": "x"}
        assert (await stage.get("/api/state"))["config"] == {
            "values": {"url": "***"},
            "version": pushed["version"],
        }
