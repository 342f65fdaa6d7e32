"""An agent's declarations as JSON, as the engine has received them."""

from collections.abc import Mapping

from mirastack_sdk._cli.inspection.declaration_view import Json, action_views, declaration_view
from mirastack_sdk.testing import RegisteredAgent

# Engines are not told, so it is known of typed actions only.
_ACCEPTS = {"never": False, "optional": True, "required": True}

type ActionSchemas = Mapping[str, Mapping[str, object]]
"""By action, what its agent's process knows beyond what engines are told: see `ActionSchema`."""


def agent_view(agent: RegisteredAgent, schemas: ActionSchemas) -> Json:
    """The card of a registered agent: what it said when it was dialled back, and `schemas`."""
    info, schema = agent.introduction.info, agent.introduction.schema
    return {
        **declaration_view(info, schema),
        "address": agent.address,
        "tenant_id": agent.tenant_id,
        "instance_id": agent.instance_id,
        "actions": [
            view | _known(view, schemas.get(str(view["name"]), {})) for view in action_views(schema)
        ],
    }


def _known(view: Json, known: Mapping[str, object]) -> Json:
    return {
        "accepts_time_range": _ACCEPTS.get(str(known.get("time_range"))),
        "default_range": known.get("default_range") or None,
        "input_schema": known.get("parameters") or view["input_schema"],
        "result_schema": known.get("result"),
    }
