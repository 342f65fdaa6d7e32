"""A state with something of everything that the page shows, the same in every run."""

import math

type Json = dict[str, object]

NOW = 1_772_366_400_000  # 2026-03-01T12:00:00Z
_MINUTE = 60_000

_TARGETS: Json = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Which hosts to check.",
    "default": ["web-1", "web-2"],
}
_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "service": {"type": "string", "description": "The service, such as cart."},
        "level": {"$ref": "#/$defs/Level", "default": "warning"},
        "limit": {
            "type": "integer", "minimum": 1, "maximum": 1000, "default": 100,
            "description": "At most this many rows.",
        },
        "ratio": {
            "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}],
            "default": None,
            "description": "The share of requests to look at.",
        },
        "verbose": {"type": "boolean", "default": False, "description": "Also show what passed."},
        "dry_run": {"type": "boolean", "description": "Change nothing."},
        "targets": _TARGETS,
        "labels": {"type": "object", "description": "Labels that must match."},
    },
    "required": ["service"],
    "$defs": {"Level": {"enum": ["info", "warning", "critical"], "description": "The lowest."}},
}  # fmt: skip


def param(name: str, kind: str, description: str = "", *, required: bool = False) -> Json:
    """A declared parameter."""
    return {
        "name": name, "type": kind, "required": required,
        "description": description, "default": None, "enum": None,
    }  # fmt: skip


def action(name: str, description: str, **more: object) -> Json:
    """An action without parameters, unless `more` has them."""
    return {
        "name": name, "description": description, "permission": "READ", "stages": ["observe"],
        "accepts_time_range": False,
        "default_range": None, "result_schema": None, "input_params": [], "input_schema": None,
        "output_params": [param("result", "json", "What was found.")], "intents": [],
        "routing": None,
    } | more  # fmt: skip


def execution(number: int, action_name: str, result: object, **more: object) -> Json:
    """An execution that has succeeded, unless `more` says otherwise."""
    return {
        "id": f"exec-{number}", "agent": "shop_agent", "action": action_name, "params": {},
        "time_range": None, "encoding": "json", "mode": "autonomous", "timeout_s": 30,
        "started_at": NOW - (40 - number) * _MINUTE,
        "duration_ms": 35 + 25 * math.sin(number * 1.7) + (number % 7) * 6,
        "status": "succeeded", "output": {}, "result": result, "result_omitted": False, "logs": [],
        "error": None, "callbacks": [], "callbacks_omitted": 0, "partials": [],
    } | more  # fmt: skip


_ACTIONS: list[Json] = [
    action(
        "find_alerts",
        "Find alerts that fire. Use this when someone asks what is wrong right now.",
        accepts_time_range=True,
        input_schema=_SCHEMA,
        input_params=[param("service", "string", required=True)],
        intents=[{"pattern": "what is wrong with *", "priority": 8, "description": ""}],
    ),
    action("query_rate", "Query request rates per service over time.", accepts_time_range=True),
    action(
        "restart",
        "Restart a service. Asks for approval first.",
        permission="MODIFY",
        stages=["operate"],
        input_params=[param("service", "string", "The service to restart.", required=True)],
    ),
]
_CONFIG: list[Json] = [
    {
        "key": key, "type": kind, "description": description, "required": key == "url",
        "default": default, "secret": key == "token",
    }
    for key, kind, description, default in (
        ("url", "string", "Where the metrics are.", "http://prometheus:9090"),
        ("token", "string", "A bearer token.", ""),
        ("rows", "integer", "At most this many rows.", "100"),
    )
]  # fmt: skip


def agent() -> Json:
    """An agent with several kinds of parameters."""
    return {
        "name": "shop_agent", "version": "1.4.0", "description": "Watches and mends the shop.",
        "permission": "MODIFY", "stages": ["observe", "operate"], "metadata": {},
        "address": "127.0.0.1:40123", "tenant_id": "local", "instance_id": "shop-1",
        "actions": _ACTIONS,
        "config_params": _CONFIG,
        "prompt_templates": [
            {"name": "summary", "description": "Sums up what was found.",
             "content": "Sum up {{ .result }} in two sentences."},
        ],
        "intents": [],
        "model_view": [
            {"name": f"shop_agent__{found['name']}", "description": found["description"],
             "parameters": found["input_schema"] or {"type": "object", "properties": {}}}
            for found in _ACTIONS
        ],
    }  # fmt: skip


def alerts(count: int) -> list[object]:
    """Rows that make a table."""
    services = ("cart", "checkout", "search", "payments")
    return [
        {
            "service": services[number % 4],
            "alert": ("HighLatency", "ErrorBudgetBurn", "DiskWillFill")[number % 3],
            "level": ("warning", "critical")[number % 5 == 0],
            "value": round(0.5 + 0.37 * number, 2),
            "labels": {"pod": f"{services[number % 4]}-{number}"},
        }
        for number in range(count)
    ]


def rates() -> Json:
    """A Prometheus matrix of three series."""
    return {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"service": service},
                "values": [
                    [
                        NOW / 1000 - 3600 + minute * 60,
                        str(round(base + swing * math.sin(minute / 7 + base), 2)),
                    ]
                    for minute in range(61)
                ],
            }
            for service, base, swing in (("cart", 42, 9), ("checkout", 18, 5), ("search", 66, 14))
        ],
    }


def approval(number: int = 1, **more: object) -> Json:
    """A request for approval that waits."""
    return {
        "id": f"approval-{number}", "execution_id": "exec-40",
        "description": "Restart the service checkout", "permission": "MODIFY",
        "context": {"service": "checkout", "reason": "its error budget burns"},
        "blast_radius": {
            "resource_type": "deployment", "resources": ["checkout-eu", "checkout-us"],
            "scope": "production", "reversible": True, "estimated_count": 12,
            "regions": ["eu-west-1", "us-east-1"], "summary": "Twelve pods restart, two at a time.",
        },
        "asked_at": NOW - 48_000, "timeout_s": 300, "decision": None, "comment": "",
        "reviewer": "",
    } | more  # fmt: skip


def history() -> list[Json]:
    """Executions of two actions, newest first; every ninth failed."""
    failed: Json = {"status": "failed", "error": "the metrics backend refused: 503"}
    return [
        execution(number, ("find_alerts", "query_rate")[number % 2], alerts(number % 5 + 1),
                  params={"service": "cart"}) | (failed if number % 9 == 4 else {})
        for number in range(37, 0, -1)
    ]  # fmt: skip


def log(number: int, **more: object) -> Json:
    """A log record."""
    return {
        "at": NOW - (12 - number) * 900, "level": ("INFO", "DEBUG", "WARNING")[number % 3],
        "logger": "shop_agent.metrics", "text": f"window {number} of 12 was read",
        "fields": {"window": number}, "execution_id": "exec-37",
    } | more  # fmt: skip


def state(**more: object) -> Json:
    """The whole state, with `more` instead of its parts."""
    return {
        "target": "shop_agent.py", "sdk_version": "0.1.0", "engine_address": "127.0.0.1:40100",
        "reload": {"status": "running", "count": 3, "error": None, "changed_at": NOW},
        "agent": agent(),
        "health": {"healthy": True, "message": "ok", "details": {}, "checked_at": NOW - 2000},
        "config": {"values": {"url": "http://prometheus:9090", "token": "***"}, "version": 2},
        "cache": [
            {"key": "shop_agent:alerts:cart", "value": '{"alerts": 3, "seen": true}',
             "bytes": 28, "expires_at": NOW + 65_000},
            {"key": "shop_agent:token", "value": "opaque", "bytes": 6, "expires_at": None},
        ],
        "approvals": [], "executions": history(), "logs": [log(number) for number in range(12)],
        "events": [{"at": NOW - 5000, "execution_id": "exec-37", "fields": {"event": "searched"}}],
        "violations": [],
    } | more  # fmt: skip
