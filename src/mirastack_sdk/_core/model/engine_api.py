"""The engine as authors see it: its client, and the values that travel with it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.declarations import Permission

__all__ = [
    "KPI",
    "Approval",
    "BlastRadius",
    "EngineClient",
    "License",
    "LicenseQuotas",
    "PluginResult",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastRadius:
    """What a change may touch, shown to whoever approves it."""

    resource_type: str = ""
    resources: list[str] = field(default_factory=list)
    scope: str = ""
    reversible: bool = False
    estimated_count: int = 0
    regions: list[str] = field(default_factory=list)
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A human's answer; `timed_out` says that nobody gave one."""

    approved: bool
    timed_out: bool = False
    reviewer: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginResult:
    """What another agent's action answered: its `output`, and how long it took."""

    output: dict[str, str] = field(default_factory=dict)
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KPI:
    """A key performance indicator that the engine knows; times are UTC epoch milliseconds."""

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
    """How much a licence allows; -1 is unlimited."""

    max_tenants: int = 0
    max_integration_types: int = 0
    max_agentic_sessions_per_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """What the engine's licence allows; `expires_at` is UTC epoch milliseconds."""

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
    """Calls back into the engine during an execution, as `req.engine_client`.

    `ctx` is `req.ctx`; `None` means the running call as well. No call outlives its execution: it
    ends at the execution's deadline, or after 30 seconds, whichever is earlier. Every method raises
    `EngineError` when the engine cannot be reached, answers with an error, or answers late;
    `reason` and `retryable` say which.
    """

    @abstractmethod
    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        """The value under `key`, or `None` when there is none or it has expired."""

    @abstractmethod
    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        """The values under `keys` in one call, in their order; `None` where there is none."""

    @abstractmethod
    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        """Keep `value` under `key` for `ttl` seconds; 0 means no expiry.

        Prefix keys with the agent's name: "my_agent:service_list". Raises `ValueError` for a
        negative `ttl`.
        """

    @abstractmethod
    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        """Record an event.

        `"event"` names it; `"severity"` (or `"level"`) is "info" unless given; the rest is its
        data. Raises `ValueError` when `"event"` is missing or blank.
        """

    @abstractmethod
    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        """Show a partial result of the running execution; `partial_json` is JSON text.

        Raises `ValueError` when it is not JSON.
        """

    @abstractmethod
    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        """The agent's configuration as operators have set it.

        Answered from memory for up to 15 seconds (`MIRASTACK_SDK_CONFIG_CACHE_TTL`).
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
        """Ask a human to allow something, and wait for up to `timeout` seconds.

        `context` is shown to the reviewer and must be JSON-serialisable (`ValueError` otherwise).
        A refusal, or nobody answering in time, is an `Approval` that says so, not an exception.
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
        """Run `action` of another agent, for up to `timeout` seconds.

        Without `time_range`, the running execution's is passed on. Raises `EngineError` with
        `reason="plugin_failed"` when the other agent fails.
        """

    @abstractmethod
    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        """The key performance indicators of the tenant, of one kind and layer where given."""

    @abstractmethod
    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        """One key performance indicator, or `None` when there is no such one."""

    @property
    @abstractmethod
    def license(self) -> License | None:
        """The engine's licence as last heard of, or `None` before the first registration.

        It can be `None` in the very first execution too, since the engine may call the agent before
        the agent has read the reply to its registration.
        """
