"""Generated code of every construct in use, right and wrong; see tests/codegen/test_engine.py.

Copied into the generated package, checked by mypy and pyright, never run.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import assert_type

from .common.v1 import messages as common
from .google.protobuf import messages as google
from .messages import (
    Agent,
    AgentEndpoint,
    AgentEndpointScheme,
    Counters,
    ExecutionId,
    Limits,
    OldAgent,  # old
    Parameter,
    Run,
    RunState,
    Status,
    Switches,
    TextKind,
    UploadChunk,
    UploadSummary,
    WatchEvent,
    WatchRequest,
)
from .services import EngineServiceStub, RunServiceBase, RunServiceStub


def use(*_: object) -> None:
    """Take anything."""


def messages_are_constructed() -> None:
    """Each construct has its type."""
    Agent(registered_at=datetime.now(UTC), endpoints=[AgentEndpoint()], trusted=None)
    Agent(preferred_scheme=AgentEndpointScheme.HTTPS, labels=[common.Label(name="a")])
    Agent(seen_at={"a": datetime.now(UTC)}, settings=google.Struct(fields={}))
    AgentEndpoint(dial_timeout=timedelta(seconds=1))
    Limits(enabled=True, calls=1, rate=0.5, plan="p", key=b"k", history=[1, 2])
    Limits(enabled=None)
    Counters(by_int32={1: 2}, costs={5: common.Money()}, durations={1: timedelta()})
    Switches(names={True: "a"})
    Parameter(text=TextKind(longest=1), ratio=0.5)
    Parameter(severity=common.Severity.WARNING, time=None)
    Agent(registered_at=5)  # error
    Agent(registered_at="2020-01-01")  # error
    Agent(endpoints=[common.Label()])  # error
    Agent(preferred_scheme=RunState.DONE)  # error
    Agent(trusted="yes")  # error
    AgentEndpoint(dial_timeout=1.5)  # error
    Limits(calls="1")  # error
    Limits(history=[None])  # error
    Counters(by_int32={"1": 2})  # error
    Counters(costs={5: 6})  # error
    Switches(names={"true": "a"})  # error
    Parameter(text="text")  # error
    Parameter(severity=2)  # error
    Run(id="a")  # error
    Run(started_by=Agent())  # error


def fields_have_their_types(agent: Agent, limits: Limits, run: Run, parameter: Parameter) -> None:
    """Messages and wrapped values may be absent, and the fields of oneofs may not."""
    assert_type(agent.registered_at, datetime | None)
    assert_type(agent.seen_at, dict[str, datetime])
    assert_type(agent.endpoints, list[AgentEndpoint])
    assert_type(agent.settings, google.Struct | None)
    assert_type(limits.plan, str | None)
    assert_type(limits.history, list[int])
    assert_type(run.id, ExecutionId | None)
    assert_type(run.period, common.Period | None)
    assert_type(parameter.severity, common.Severity | None)
    use(run.id.value)  # error
    use(agent.registered_at.year)  # error
    agent.seen_at["a"] = 5  # error
    limits.plan = 5  # error
    parameter.time = "now"  # error
    use(RunState.FLYING)  # error
    use(OldAgent(name="a"))  # old


def oneofs_are_matched(parameter: Parameter) -> str:
    """Each case binds a value of the field's type."""
    match parameter:
        case Parameter(text=TextKind() as kind):
            assert_type(kind, TextKind)
            return kind.longest  # error
        case Parameter(raw=bytes(data)):
            return data  # error
        case Parameter(time=datetime() as time):
            return time.isoformat()
        case _:
            return ""


class Service(RunServiceBase):
    """Streams are iterated and yielded."""

    async def watch(self, request: WatchRequest) -> AsyncIterator[WatchEvent]:
        """Yield one event."""
        yield WatchEvent(state=RunState.DONE)
        yield request  # error

    async def upload(self, requests: AsyncIterator[UploadChunk]) -> UploadSummary:
        """Count bytes."""
        return UploadSummary(size=sum([len(chunk.data or b"") async for chunk in requests]))

    async def get(self, request: WatchRequest) -> Run:  # error
        """Take a wrong request."""
        return Run()


async def stubs_are_typed(engine: EngineServiceStub, runs: RunServiceStub) -> None:
    """Well-known types are messages where they are requests and responses."""
    assert_type(await engine.now(google.Empty()), google.Timestamp)
    assert_type(await runs.upload([UploadChunk(data=b"")]), UploadSummary)
    async for event in runs.watch(WatchRequest()):
        assert_type(event, WatchEvent)
    await engine.time(google.Empty())  # old
    await engine.now(None)  # error
    await runs.upload(UploadChunk())  # error
    await runs.watch(WatchRequest())  # error
    await engine.check(Status())  # error
