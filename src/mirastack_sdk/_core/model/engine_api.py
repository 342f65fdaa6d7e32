"""The engine client, and the types of its parameters and results."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Protocol, runtime_checkable

from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """The extent of a change, displayed to the human who is asked to approve it."""

    resource_type: str = ""
    resources: list[str] = field(default_factory=list)
    scope: str = ""
    reversible: bool = False
    estimated_count: int = 0
    regions: list[str] = field(default_factory=list)
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The decision of a human reviewer; it is true in a condition only if it is an approval.

    If nobody decided in time, `approved` is false and `timed_out` is true.
    """

    approved: bool
    timed_out: bool = False
    reviewer: str = ""
    comment: str = ""

    def __bool__(self) -> bool:
        """Whether the change is approved: `if await engine.request_approval(...):`."""
        return self.approved


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginResult:
    """The result of another agent's action, and how long the action took in milliseconds.

    `value` is the whole result as a JSON value. `output` has the members of an object, those that
    are not strings as their JSON text; any other value is JSON text under `"result"`. `logs` are
    the log lines in the result, which `output` does not repeat. An action that had no result has
    the reason in `output["error"]`.
    """

    output: dict[str, str] = field(default_factory=dict)
    duration_ms: int = 0
    logs: list[str] = field(default_factory=list)
    value: object = None

    def __post_init__(self) -> None:
        """Without a value, take what `output` and `logs` are as JSON."""
        if self.value is None:
            logs = {"logs": list(self.logs)} if self.logs else {}
            object.__setattr__(self, "value", {**self.output, **logs})


@dataclass(frozen=True, slots=True, kw_only=True)
class KPI:
    """A key performance indicator; times are UTC epoch milliseconds."""

    id: str
    tenant_id: str = ""
    name: str = ""
    query: str = ""
    integration_id: str = ""
    kind: str = ""
    layer: str = ""
    sentiment: str = ""
    classifier: str = ""
    definition: str = ""
    created_at: int = 0
    updated_at: int = 0
    created_by: str = ""
    updated_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseQuotas:
    """The quotas of a license; -1 means unlimited."""

    max_tenants: int = 0
    max_integration_types: int = 0
    max_agentic_sessions_per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """The engine's license; `expires_at` is UTC epoch milliseconds."""

    active: bool
    effective_tier: str = ""
    issued_tier: str = ""
    grace_mode: bool = False
    expires_at: int = 0
    org_id: str = ""
    site_id: str = ""
    region: str = ""
    region_kind: str = ""
    quotas: LicenseQuotas | None = None


class EngineClient(ABC):
    """The engine's services during an execution, available as `req.engine_client`.

    Pass `req.ctx`, which identifies the execution; `None` means the running execution as well.

    No call outlives its execution. A call ends at the execution's deadline or after 30 seconds,
    whichever comes first; cancelling the execution cancels its calls. Calls that are safe to repeat
    are retried. Every method raises `EngineError` if the engine is unreachable, responds with an
    error, or does not respond in time: `reason` names the cause, `retryable` tells whether the same
    call may succeed later.
    """

    @abstractmethod
    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        """Return the value stored under `key`, or `None` if there is none or it has expired."""

    @abstractmethod
    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        """Return the values stored under `keys`, in one call and in the order of `keys`.

        The value of a key that does not exist or has expired is `None`.
        """

    @abstractmethod
    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        """Store `value` under `key` for `ttl` seconds; 0 means that it does not expire.

        Agents of a tenant share one cache, so prefix keys with the agent's name:
        "my_agent:service_list". Raises `ValueError` for a negative `ttl` and for a value that is
        not a string.
        """

    @abstractmethod
    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        """Record an event in the engine's event log.

        `event["event"]` is the event's name, `event["severity"]` (or `event["level"]`) its
        severity, which defaults to "info". All other entries are the event's data. Raises
        `ValueError` if the name is missing or blank.
        """

    @abstractmethod
    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        """Publish a partial result while the execution is still running.

        Raises `ValueError` if `partial_json` is not JSON text.
        """

    @abstractmethod
    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        """Return the agent's config as operators have set it.

        Results are cached for 15 seconds, or for `MIRASTACK_SDK_CONFIG_CACHE_TTL`.
        """

    @abstractmethod
    async def request_approval(
        self,
        ctx: Context | None,
        description: str,
        *,
        permission: Permission = Permission.MODIFY,
        context: Mapping[str, object] | None = None,
        blast_radius: BlastRadius | None = None,
        timeout: float = 300.0,
    ) -> Approval:
        """Ask a human for approval, and wait up to `timeout` seconds for the decision.

        The engine itself asks for approval before it runs an action whose permission is MODIFY or
        ADMIN. So ask only about changes that the action discovers while it runs. The engine rejects
        requests for READ with `reason="invalid_argument"`.

        The reviewer sees `description`, `context` and `blast_radius`. A refusal or a timeout is not
        an exception: the result is false in a condition, and its `timed_out` tells the two apart.
        Raises `ValueError` for a blank `description` and for a `context` that cannot be serialised
        as JSON.
        """

    @abstractmethod
    async def call_plugin(
        self,
        ctx: Context | None,
        plugin: str,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        time_range: TimeRange | None = None,
        timeout: float = 30.0,
    ) -> PluginResult:
        """Run an action of another agent, and wait up to `timeout` seconds for its output.

        `plugin` is the agent's name, and the agent must have the same tenant. `time_range` defaults
        to that of the running execution. Raises `EngineError` with `reason="plugin_failed"` if the
        other agent's execution fails, and `ValueError` if `plugin` is blank or contains a colon.
        """

    @abstractmethod
    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        """Return the tenant's key performance indicators, filtered by `kind` and `layer`."""

    @abstractmethod
    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        """Return one key performance indicator, or `None` if it does not exist."""

    @property
    @abstractmethod
    def license(self) -> License | None:
        """The license that the engine last sent, or `None` before the first registration.

        It can be `None` in the very first execution as well: the engine may call the agent before
        the response to the registration has arrived.
        """


@runtime_checkable
class RecordsProgress(Protocol):
    """An engine client for tests, which keeps the progress of executions."""

    @abstractmethod
    def record_progress(self, ctx: Context, progress: Progress) -> None:
        """Keep what `ctx.progress` was told."""


class HasExecutions(EngineClient):
    """An engine client for tests, which knows when an execution ends."""

    @abstractmethod
    def execution(
        self, ctx: Context | None = None, time_range: TimeRange | None = None
    ) -> AbstractContextManager[EngineClient]:
        """Give the client that an agent has during one execution, which ends with the block."""
