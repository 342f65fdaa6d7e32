"""The published types: names, fields, order, defaults and enum values."""

import dataclasses

import pytest

from mirastack_sdk import compat, plugin
from mirastack_sdk.compat import (
    Action,
    ConfigParam,
    DevOpsStage,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    IntentPattern,
    LicenseContext,
    LicenseQuotas,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)

PUBLISHED_NAMES = [
    *("Action", "ConfigParam", "DevOpsStage", "EngineContext", "ExecuteRequest"),
    *("ExecuteResponse", "ExecutionMode", "IntentPattern", "LicenseContext", "LicenseQuotas"),
    *("ParamSchema", "Permission", "Plugin", "PluginInfo", "PluginSchema", "PromptTemplate"),
    *("ROUTING_SEMANTICS_SCHEMA_VERSION_V1", "RoutingSemantics", "datetimeutils"),
    *("respond_error", "respond_json", "respond_map", "respond_raw", "serve"),
]

REQUIRED = object()
V1 = "mirastack.routing_semantics/v1"

FIELDS: dict[type, dict[str, object]] = {
    ParamSchema: {"name": REQUIRED, "type": REQUIRED, "required": False, "description": ""},
    IntentPattern: {"pattern": REQUIRED, "description": "", "priority": 0},
    RoutingSemantics: {
        "schema_version": V1,
        "accepted_intent_domains": [],
        "capability_domain": "",
        "positive_use_cases": [],
        "negative_use_cases": [],
        "signal_domains": [],
        "backend_domains": [],
        "entity_types": [],
    },
    ConfigParam: {
        "key": REQUIRED,
        "type": "string",
        "required": False,
        "default": "",
        "description": "",
        "is_secret": False,
    },
    PromptTemplate: {"name": REQUIRED, "description": "", "content": ""},
    PluginInfo: {
        "name": REQUIRED,
        "version": REQUIRED,
        "description": "",
        "permissions": [],
        "devops_stages": [],
        "intents": [],
        "actions": [],
        "prompt_templates": [],
        "config_params": [],
    },
    Action: {
        "id": REQUIRED,
        "description": "",
        "permission": Permission.READ,
        "stages": [],
        "intents": [],
        "input_params": [],
        "output_params": [],
        "routing": RoutingSemantics(),
    },
    PluginSchema: {"input_params": [], "output_params": [], "actions": []},
    TimeRange: {
        "start_epoch_ms": 0,
        "end_epoch_ms": 0,
        "timezone": "",
        "original_expression": "",
    },
    ExecuteRequest: {
        "execution_id": REQUIRED,
        "workflow_id": REQUIRED,
        "step_id": REQUIRED,
        "action_id": "",
        "params": {},
        "mode": ExecutionMode.GUIDED,
        "time_range": None,
        "tenant_id": "",
    },
    ExecuteResponse: {"output": {}, "logs": []},
    LicenseQuotas: {
        "max_tenants": 0,
        "max_integration_types": 0,
        "max_agentic_sessions_per_day": 0,
    },
    LicenseContext: {
        "active": False,
        "effective_tier": "",
        "issued_tier": "",
        "grace_mode": False,
        "expires_at": 0,
        "org_id": "",
        "site_id": "",
        "region": "",
        "region_kind": "",
        "quotas": LicenseQuotas(),
    },
}


def test_every_published_name_is_offered() -> None:
    """`from mirastack_sdk.compat import …` has the published names, and two more."""
    assert set(compat.__all__) == {*PUBLISHED_NAMES, "PluginAdapter", "TimeRange"}
    assert V1 == compat.ROUTING_SEMANTICS_SCHEMA_VERSION_V1


def _defaults(cls: type) -> dict[str, object]:
    assert dataclasses.is_dataclass(cls)
    found: dict[str, object] = {}
    for field in dataclasses.fields(cls):
        missing = field.default is dataclasses.MISSING
        default = REQUIRED if missing else field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        found[field.name] = default
    return found


@pytest.mark.parametrize("cls", FIELDS, ids=lambda cls: cls.__name__)
def test_fields_order_and_defaults(cls: type) -> None:
    """Each class has the published fields in their order, with their defaults."""
    expected = FIELDS[cls]
    assert _defaults(cls) == expected
    assert list(_defaults(cls)) == list(expected)


@pytest.mark.parametrize("cls", FIELDS, ids=lambda cls: cls.__name__)
def test_they_are_plain_dataclasses(cls: type) -> None:
    """Positional construction works; values are mutable, comparable, not hashable, and fresh."""
    required = ["x" for default in FIELDS[cls].values() if default is REQUIRED]
    one, other = cls(*required), cls(*required)
    assert one == other
    for name, default in FIELDS[cls].items():
        if isinstance(default, list | dict):
            assert getattr(one, name) is not getattr(other, name)
    first = next(iter(FIELDS[cls]))
    setattr(one, first, "changed")
    assert one != other
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_enums_count_from_zero() -> None:
    """The enums are ints from 0, in the published order."""
    assert [(member.name, int(member)) for member in Permission] == [
        ("READ", 0),
        ("MODIFY", 1),
        ("ADMIN", 2),
        ("WRITE", 3),
    ]
    stages = ["PLAN", "CODE", "BUILD", "TEST", "RELEASE", "DEPLOY", "OPERATE", "OBSERVE"]
    assert [(s.name, int(s)) for s in DevOpsStage] == [(n, i) for i, n in enumerate(stages)]
    modes = ["MANUAL", "GUIDED", "AUTONOMOUS"]
    assert [(m.name, int(m)) for m in ExecutionMode] == [(n, i) for i, n in enumerate(modes)]


def test_a_time_range_is_one_of_ours() -> None:
    """`TimeRange` of `mirastack_sdk.plugin` names it too: that import need not change."""
    assert isinstance(TimeRange(1, 2), plugin.TimeRange)


def test_a_secret_default_is_not_shown() -> None:
    """The default of a secret does not appear in a repr."""
    param = ConfigParam("token", default="hunter2", is_secret=True)
    assert "hunter2" not in repr(param)
    assert "hunter2" in repr(ConfigParam("token", default="hunter2"))


def test_a_license_of_a_dict() -> None:
    """What an engine sends becomes a license; null numbers are 0, and none is none."""
    assert LicenseContext.from_dict(None) is None
    assert LicenseQuotas.from_dict(None) == LicenseQuotas.from_dict({}) == LicenseQuotas()
    known = LicenseContext.from_dict(
        {"active": True, "expires_at": None, "quotas": {"max_tenants": -1}, "region": None}
    )
    assert known == LicenseContext(active=True, quotas=LicenseQuotas(max_tenants=-1))
