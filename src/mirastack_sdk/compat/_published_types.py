"""The published SDK's types: their names, fields, order and defaults."""

import enum
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Self  # noqa: TID251 - the published types' own

from mirastack_sdk import plugin
from mirastack_sdk._deferred.dataclasses import dataclass

ROUTING_SEMANTICS_SCHEMA_VERSION_V1 = "mirastack.routing_semantics/v1"


class Permission(enum.IntEnum):
    """The right that a caller needs before an action runs.

    `WRITE` is sent as `MODIFY`, so that a human approves it.
    """

    READ = 0
    MODIFY = 1
    ADMIN = 2
    WRITE = 3


class DevOpsStage(enum.IntEnum):
    """A stage of the DevOps cycle that an action belongs to."""

    PLAN = 0
    CODE = 1
    BUILD = 2
    TEST = 3
    RELEASE = 4
    DEPLOY = 5
    OPERATE = 6
    OBSERVE = 7


class ExecutionMode(enum.IntEnum):
    """How an execution was started; see `mirastack_sdk.ExecutionMode`."""

    MANUAL = 0
    GUIDED = 1
    AUTONOMOUS = 2


@dataclass
class ParamSchema:
    """One parameter of an action; `type` is "string", "number", "boolean" or "json".

    The types of `mirastack_sdk.ParamSchema` are accepted as well.
    """

    name: str
    type: str
    required: bool = False
    description: str = ""


@dataclass
class IntentPattern:
    """A phrase that routes a user's question to the agent; the highest `priority` wins."""

    pattern: str
    description: str = ""
    priority: int = 0


@dataclass
class RoutingSemantics:
    """What an action is for, so that the engine can route questions to it by meaning.

    An action whose routing is left as it is here, empty, gets one that is derived from its stages,
    its intents and its description.
    """

    schema_version: str = ROUTING_SEMANTICS_SCHEMA_VERSION_V1
    accepted_intent_domains: list[str] = field(default_factory=list)
    capability_domain: str = ""
    positive_use_cases: list[str] = field(default_factory=list)
    negative_use_cases: list[str] = field(default_factory=list)
    signal_domains: list[str] = field(default_factory=list)
    backend_domains: list[str] = field(default_factory=list)
    entity_types: list[str] = field(default_factory=list)


@dataclass
class ConfigParam:
    """One key of the agent's config, which operators can set in the engine.

    `type` is "string", "int", "bool", "duration" or "json". The value of a parameter with
    `is_secret` is never displayed or logged.
    """

    key: str
    type: str = "string"
    required: bool = False
    default: str = ""
    description: str = ""
    is_secret: bool = False

    def __repr__(self) -> str:
        """The fields, without the default of a secret."""
        default = "[secret]" if self.is_secret and self.default else self.default
        return (
            f"ConfigParam(key={self.key!r}, type={self.type!r}, required={self.required!r}, "
            f"default={default!r}, description={self.description!r}, "
            f"is_secret={self.is_secret!r})"
        )


@dataclass
class PromptTemplate:
    """A prompt for workflow steps in which a language model works with the agent's output."""

    name: str
    description: str = ""
    content: str = ""


@dataclass
class Action:
    """One operation that an agent offers; `id` is snake_case and unique within the agent."""

    id: str
    description: str = ""
    permission: Permission = Permission.READ
    stages: list[DevOpsStage] = field(default_factory=list)
    intents: list[IntentPattern] = field(default_factory=list)
    input_params: list[ParamSchema] = field(default_factory=list)
    output_params: list[ParamSchema] = field(default_factory=list)
    routing: RoutingSemantics = field(default_factory=RoutingSemantics)


@dataclass
class PluginInfo:
    """The identity of an agent, and its actions."""

    name: str
    version: str
    description: str = ""
    permissions: list[Permission] = field(default_factory=list)
    devops_stages: list[DevOpsStage] = field(default_factory=list)
    intents: list[IntentPattern] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    prompt_templates: list[PromptTemplate] = field(default_factory=list)
    config_params: list[ConfigParam] = field(default_factory=list)


@dataclass
class PluginSchema:
    """The actions of an agent; `input_params` and `output_params` are those of all of them."""

    input_params: list[ParamSchema] = field(default_factory=list)
    output_params: list[ParamSchema] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


@dataclass
class TimeRange(plugin.TimeRange):
    """The time range of a query, in UTC epoch milliseconds; a `mirastack_sdk.TimeRange`."""

    start_epoch_ms: int = 0
    end_epoch_ms: int = 0
    timezone: str = ""
    original_expression: str = ""


@dataclass
class ExecuteRequest:
    """A request to run the action `action_id`; `params` are its parameters as text."""

    execution_id: str
    workflow_id: str
    step_id: str
    action_id: str = ""
    params: dict[str, str] = field(default_factory=dict)
    mode: ExecutionMode = ExecutionMode.GUIDED
    time_range: TimeRange | None = None
    tenant_id: str = ""


@dataclass
class ExecuteResponse:
    """The response of an action.

    `output` is the result: bytes are JSON already; any other value is written as JSON text, and
    nothing (`None`, `""`, `{}`) is `{}`.
    """

    output: Any = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)


@dataclass
class LicenseQuotas:
    """The quotas of a license; -1 means unlimited."""

    max_tenants: int = 0
    max_integration_types: int = 0
    max_agentic_sessions_per_day: int = 0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Self:
        """Read the quotas that an engine sent; those that are missing or null are 0."""
        values = data or {}
        return cls(
            max_tenants=int(values.get("max_tenants") or 0),
            max_integration_types=int(values.get("max_integration_types") or 0),
            max_agentic_sessions_per_day=int(values.get("max_agentic_sessions_per_day") or 0),
        )


@dataclass
class LicenseContext:
    """The engine's license; `expires_at` is UTC epoch milliseconds."""

    active: bool = False
    effective_tier: str = ""
    issued_tier: str = ""
    grace_mode: bool = False
    expires_at: int = 0
    org_id: str = ""
    site_id: str = ""
    region: str = ""
    region_kind: str = ""
    quotas: LicenseQuotas = field(default_factory=LicenseQuotas)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Self | None:
        """Read the license that an engine sent; `None` if it sent none."""
        if data is None:
            return None
        return cls(
            active=bool(data.get("active")),
            effective_tier=str(data.get("effective_tier") or ""),
            issued_tier=str(data.get("issued_tier") or ""),
            grace_mode=bool(data.get("grace_mode")),
            expires_at=int(data.get("expires_at") or 0),
            org_id=str(data.get("org_id") or ""),
            site_id=str(data.get("site_id") or ""),
            region=str(data.get("region") or ""),
            region_kind=str(data.get("region_kind") or ""),
            quotas=LicenseQuotas.from_dict(data.get("quotas")),
        )
