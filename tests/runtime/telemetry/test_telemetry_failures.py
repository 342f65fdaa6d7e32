"""The records of calls that fail."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.trace import StatusCode

from mirastack_sdk import EngineError, ExecuteRequest
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._runtime.telemetry.call_outcomes import Outcome
from mirastack_sdk._runtime.telemetry.otel_recorder import open_telemetry
from mirastack_sdk.testing import AgentCallError, LocalEngine
from tests.runtime.telemetry_in_memory import (
    Records,
    RunningAgent,
    answer,
    recording,
    registered,
    request,
)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """The process's providers, as an author sets them before serving."""
    with recording(monkeypatch) as records:
        yield records


async def test_a_failed_execution_is_an_error_with_the_cleaned_text(records: Records) -> None:
    """The span has the text that the engine may see, and no stack trace."""

    async def fail(req: ExecuteRequest) -> str:
        raise RuntimeError("http://admin:hunter2@10.0.0.1:9200/x: password=hunter2 refused")

    async with LocalEngine() as engine, registered(RunningAgent(fail), engine) as agent:
        reply = await agent.stub().execute(request())
    span = records.span("Execute")
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == reply.error
    assert "refused" in reply.error
    assert span.attributes is not None
    assert span.attributes["error.type"] == "execution_failed"
    assert span.attributes["rpc.response.status_code"] == "OK"
    assert span.events == ()


def test_a_failures_text_is_cleaned_whoever_wrote_it() -> None:
    """A text that the author put into the response is cleaned in the span too."""
    outcome = Outcome()
    outcome.failed("execution_failed", "password=hunter2 was refused")
    assert "hunter2" not in outcome.text
    assert "refused" in outcome.text


async def test_a_refused_execution_is_not_an_error_of_the_agent(records: Records) -> None:
    """Another tenant's execution has its gRPC status, and is not an error of the server."""
    plugin = RunningAgent(answer)
    async with (
        LocalEngine() as engine,
        registered(plugin, engine, MIRASTACK_PLUGIN_TENANT_ID="t-2") as agent,
    ):
        with pytest.raises(AgentCallError):
            await agent.execute("run", tenant_id="t-1")
    span = records.span("Execute")
    assert span.attributes is not None
    assert span.attributes["rpc.response.status_code"] == "PERMISSION_DENIED"
    assert span.status.status_code is StatusCode.UNSET


async def test_an_execution_that_outlasts_its_deadline(records: Records) -> None:
    """It ends as DEADLINE_EXCEEDED, which is an error."""

    async def hang(req: ExecuteRequest) -> str:
        await asyncio.Event().wait()
        return ""

    async with LocalEngine() as engine, registered(RunningAgent(hang), engine) as agent:
        with pytest.raises(AgentCallError):
            await agent.execute("run", timeout=0.2)
    span = records.span("Execute")
    assert span.attributes is not None
    assert span.attributes["rpc.response.status_code"] == "DEADLINE_EXCEEDED"
    assert span.status.status_code is StatusCode.ERROR


async def test_an_execution_that_the_caller_gives_up(records: Records) -> None:
    """It ends as CANCELLED, which is not an error of the agent."""
    entered, ended = asyncio.Event(), asyncio.Event()

    async def hang(req: ExecuteRequest) -> str:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    async with LocalEngine() as engine, registered(RunningAgent(hang), engine) as agent:
        running = asyncio.create_task(agent.execute("run"))
        await entered.wait()
        running.cancel()
        await ended.wait()
    span = records.span("Execute")
    assert span.attributes is not None
    assert span.attributes["rpc.response.status_code"] == "CANCELLED"
    assert span.status.status_code is StatusCode.UNSET


async def test_health_and_configuration_that_fail(records: Records) -> None:
    """An unhealthy backend and a refused configuration are errors with their cleaned texts."""
    async with LocalEngine() as engine, registered(RunningAgent(answer), engine) as agent:
        health = await agent.health()
        config = await agent.push_config({"token": "hunter2"})
    assert records.spans_named("HealthCheck")[-1].status.description == health.message
    assert records.span("ConfigUpdated").status.description == config.error
    for method in ("HealthCheck", "ConfigUpdated"):
        assert records.spans_named(method)[-1].status.status_code is StatusCode.ERROR


@pytest.mark.parametrize(
    ("reason", "status"), [("invalid_reply", "INTERNAL"), ("unavailable", "UNAVAILABLE")]
)
def test_an_error_without_a_status_has_the_one_of_its_reason(
    records: Records, reason: str, status: str
) -> None:
    """A response that cannot be read has none, and is an internal error to those who watch."""
    agent = checked_plugin(RunningAgent(answer))
    telemetry = open_telemetry(agent, Settings.from_mapping({}), {}, KnownSecrets())
    with pytest.raises(EngineError), telemetry.calling("GetKPI", {}):
        raise EngineError("GetKPI: no", reason=reason)
    attributes = records.span("GetKPI").attributes
    assert attributes is not None
    assert attributes["rpc.response.status_code"] == status
    assert attributes["error.type"] == reason


async def test_an_engine_that_refuses(records: Records) -> None:
    """The client span has the engine's status and cleaned text; the author gets the error."""
    heard: list[EngineError] = []

    async def ask(req: ExecuteRequest) -> str:
        try:
            await req.engine_client.get_kpi(req.ctx, "k-1")
        except EngineError as error:
            heard.append(error)
        return '"done"'

    async with LocalEngine() as engine, registered(RunningAgent(ask), engine) as agent:
        engine.fail("get_kpi", "RESOURCE_EXHAUSTED", "see /etc/kpi.yaml")
        await agent.execute("run")
    span = records.span("GetKPI")
    assert [error.status for error in heard] == ["RESOURCE_EXHAUSTED"]
    assert span.attributes is not None
    assert span.attributes["rpc.response.status_code"] == "RESOURCE_EXHAUSTED"
    assert span.attributes["error.type"] == "RESOURCE_EXHAUSTED"
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description is not None
    assert "RESOURCE_EXHAUSTED" in span.status.description
    assert "kpi.yaml" not in span.status.description
    assert records.span("Execute").status.status_code is StatusCode.UNSET
