"""The probe's declarations as Go reads them; fields that are not set are `null`."""

from tests.e2e.go_engine.driver import Fields, go_bytes

_UNIT: Fields = {
    "name": "unit",
    "type": "string",
    "required": False,
    "description": "The unit.",
    "default": "s",
    "enum": ["s", "ms"],
}
_RESULT: Fields = {"name": "result", "type": "object", "required": True, "description": ""}

_ACTION: Fields = {
    "id": "run",
    "description": "Run it.",
    "permission": 1,
    "stages": [4],
    "intents": [
        {"pattern": "run it", "confidence": 0.5, "description": "", "priority": 5},
        {"pattern": "probe *", "confidence": 0.7, "description": "", "priority": 7},
    ],
    "input_params": go_bytes([_UNIT]),
    "output_params": go_bytes([_RESULT]),
    "routing_semantics": {
        "schema_version": "mirastack.routing_semantics/v1",
        "accepted_intent_domains": ["metrics.query"],
        "capability_domain": "metrics.query",
        "positive_use_cases": ["How is it?"],
        "negative_use_cases": None,
        "signal_domains": None,
        "backend_domains": None,
        "entity_types": None,
    },
}
_CONFIG: Fields = {
    "key": "token",
    "type": "string",
    "required": True,
    "default": "",
    "description": "A secret.",
    "is_secret": True,
}

INFO: Fields = {
    "name": "probe",
    "version": "1.0.0",
    "description": "Ünïcode & <html> \u2028 are text.",
    "type": 1,
    "permission": 2,
    "devops_stages": [8, 7],
    "default_intents": [
        {"pattern": "probe *", "confidence": 0.7, "description": "", "priority": 7}
    ],
    "actions": [_ACTION],
    "prompt_templates": [{"name": "tell", "description": "Tells.", "content": "Tell {{it}}."}],
    "config_schema": [_CONFIG],
    "metadata": {"team": "sre"},
}
SCHEMA: Fields = {
    "params_json_schema": go_bytes([]),
    "result_json_schema": go_bytes([]),
    "actions": [_ACTION],
}
