"""The engine clients under test, with the engine behind each of them."""

import asyncio
import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from unittest.mock import patch

from mirastack_sdk._core.policy.retries import RetryBudget
from mirastack_sdk.engine import License, LicenseQuotas
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import (
    Action,
    Context,
    EngineClient,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    TimeRange,
)
from mirastack_sdk.testing import (
    CallPluginCall,
    Encoding,
    LocalEngine,
    LoggedEvent,
    ManualClock,
    MockEngineClient,
    PublishedResult,
    RequestApprovalCall,
    agent_client,
    make_execute_request,
)
from mirastack_sdk.testing._allowances import Allowance
from mirastack_sdk.testing._recorded_calls import EngineMethod
from mirastack_sdk.testing._script import EngineScript
from tests.testing.agents import serving

AGENT = "contract_agent"
RUNNING_RANGE = TimeRange(1_700_000_000_000, 1_700_000_060_000, "UTC", "last minute")
LICENSE = License(
    active=True,
    effective_tier="pro",
    issued_tier="enterprise",
    grace_mode=True,
    expires_at=1_800_000_000_000,
    org_id="org",
    site_id="site",
    region="eu",
    region_kind="geo",
    quotas=LicenseQuotas(
        max_tenants=-1, max_integration_types=2**53 + 1, max_agentic_sessions_per_day=3
    ),
)
# What each status means to an author, and whether trying again may help.
REASONS = {
    "UNAVAILABLE": ("unavailable", True),
    "DEADLINE_EXCEEDED": ("deadline_exceeded", True),
    "PERMISSION_DENIED": ("permission_denied", False),
    "UNAUTHENTICATED": ("permission_denied", False),
    "INVALID_ARGUMENT": ("invalid_argument", False),
    "NOT_FOUND": ("not_found", False),
    "RESOURCE_EXHAUSTED": ("resource_exhausted", True),
    "UNIMPLEMENTED": ("unimplemented", False),
    "FAILED_PRECONDITION": ("rejected", False),
    "INTERNAL": ("internal", False),
    "UNKNOWN": ("internal", False),
}


class Bench(ABC):
    """An engine client during an execution, and access to the engine behind it.

    `ctx` is the context of the running execution, `script` the script of the engine. `reports` are
    the rules that the engine is to report as broken by the test.
    """

    def __init__(self, request: ExecuteRequest, script: EngineScript, clock: ManualClock) -> None:
        self.client: EngineClient = request.engine_client
        self.ctx: Context = request.ctx
        self.script = script
        self.clock = clock
        self.reports: list[str] = []

    @abstractmethod
    def fail_next(self, method: EngineMethod, status: str) -> None:
        """Make the next call of `method` fail with a gRPC status."""

    @property
    @abstractmethod
    def events(self) -> list[LoggedEvent]:
        """The events that the engine has stored."""

    @property
    @abstractmethod
    def published(self) -> list[PublishedResult]:
        """The partial results that the engine has stored."""

    @property
    @abstractmethod
    def approvals(self) -> list[RequestApprovalCall]:
        """The requests for approval that the engine has received."""

    @property
    @abstractmethod
    def plugin_calls(self) -> list[CallPluginCall]:
        """The calls of other agents that the engine has received."""


class MockBench(Bench):
    """The mock, which is both the client and the engine; or the engine alone, for a `request`."""

    def __init__(self, mock: MockEngineClient, request: ExecuteRequest | None = None) -> None:
        request = request or make_execute_request(engine_client=mock, time_range=RUNNING_RANGE)
        super().__init__(request, mock, mock.clock)
        self._mock = mock

    def fail_next(self, method: EngineMethod, status: str) -> None:
        reason, retryable = REASONS[status]
        error = EngineError("ordered", reason=reason, retryable=retryable, status=status)
        self._mock.fail_next(method, error)

    @property
    def events(self) -> list[LoggedEvent]:
        return self._mock.events

    @property
    def published(self) -> list[PublishedResult]:
        return self._mock.published

    @property
    def approvals(self) -> list[RequestApprovalCall]:
        return self._mock.calls_of("request_approval")

    @property
    def plugin_calls(self) -> list[CallPluginCall]:
        return self._mock.calls_of("call_plugin")


class RpcBench(Bench):
    """The client that a served agent receives, and a local engine."""

    def __init__(self, request: ExecuteRequest, engine: LocalEngine, clock: ManualClock) -> None:
        super().__init__(request, engine, clock)
        self._engine = engine

    def fail_next(self, method: EngineMethod, status: str) -> None:
        self._engine.fail(method, status)

    @property
    def events(self) -> list[LoggedEvent]:
        return self._engine.events

    @property
    def published(self) -> list[PublishedResult]:
        return self._engine.published

    @property
    def approvals(self) -> list[RequestApprovalCall]:
        return self._engine.approvals

    @property
    def plugin_calls(self) -> list[CallPluginCall]:
        return self._engine.plugin_calls


@contextmanager
def mock_bench(allow: Collection[Allowance] = ()) -> Iterator[MockBench]:
    """A mock with a license, which reports broken rules as warnings."""
    with warnings.catch_warnings(record=True) as reported:
        warnings.simplefilter("always")
        bench = MockBench(MockEngineClient(license=LICENSE, agent=AGENT, allow=allow))
        yield bench
    assert [str(warning.message) for warning in reported] == bench.reports


class _Lender(MirastackPlugin):
    """Lends its running execution to the test until the test has finished."""

    def __init__(self) -> None:
        self.running: asyncio.Future[ExecuteRequest] = asyncio.get_running_loop().create_future()
        self.finished = asyncio.Event()

    def info(self) -> PluginInfo:
        return PluginInfo(AGENT, "1.0.0", "Lends its execution", Permission.READ, ["test"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("lend", "Run until the test has finished", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        self.running.set_result(req)
        await self.finished.wait()
        return ExecuteResponse()


@asynccontextmanager
async def rpc_bench(
    encoding: Encoding, allow: Collection[Allowance] = ()
) -> AsyncIterator[RpcBench]:
    """A served agent whose execution runs during the block, and calls in `encoding`."""
    clock = ManualClock()
    engine = LocalEngine(encodings=[encoding], clock=clock, allow=allow)
    engine.license = LICENSE
    lender = _Lender()
    uncached = {"MIRASTACK_SDK_CONFIG_CACHE_TTL": "0"}
    # With no budget for retries each call is made once, as the mock makes it.
    with patch.object(RetryBudget, "MAX_TOKENS", 0):
        async with engine, serving(lender, engine, uncached), asyncio.TaskGroup() as tasks:
            agent = await engine.wait_registered(AGENT)
            execution = tasks.create_task(agent.execute("lend", time_range=RUNNING_RANGE))
            try:
                bench = RpcBench(await lender.running, engine, clock)
                yield bench
            finally:
                lender.finished.set()
                await execution
    assert [violation.text for violation in engine.violations] == bench.reports


@asynccontextmanager
async def in_process_bench(
    encoding: str, allow: Collection[Allowance] = ()
) -> AsyncIterator[MockBench]:
    """An agent that is served in this process, and a mock behind the client that it receives."""
    mock, lender = MockEngineClient(license=LICENSE, allow=allow), _Lender()
    environ = {"MIRASTACK_ENGINE_ENCODING": encoding}
    with patch.object(RetryBudget, "MAX_TOKENS", 0):
        async with agent_client(lender, engine=mock, environ=environ) as agent:
            execution = asyncio.create_task(
                agent.prepare("lend", time_range=RUNNING_RANGE).run(timeout=60)
            )
            try:
                bench = MockBench(mock, await lender.running)
                yield bench
            finally:
                lender.finished.set()
                await execution
            assert agent.violations == bench.reports
            agent.violations.clear()
