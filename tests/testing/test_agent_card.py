"""The declarations of an agent survive the wire."""

import pytest

from mirastack_sdk._core.contract.to_wire import info_response, schema_response
from mirastack_sdk._gen import messages as wire
from mirastack_sdk.plugin import (
    Action,
    ConfigParam,
    IntentPattern,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from mirastack_sdk.testing._wire_messages import plugin_info, plugin_schema
from tests.testing.agents import valid_action

SCHEMA = PluginSchema(
    [
        Action(
            "query",
            "Query something",
            {
                "text": ParamSchema("string", description="é", default="a", enum=["a", "b"]),
                "limit": ParamSchema("integer", required=False),
            },
            {"rows": ParamSchema("array")},
            permission=Permission.READ,
            intents=["query *"],
            stages=["observe", "operate"],
            routing_semantics=RoutingSemantics(
                ["metrics.query"],
                "metrics.query",
                ["find a metric"],
                ["delete a metric"],
                ["metrics.series"],
                ["metrics.backend"],
                ["metrics.service"],
            ),
        ),
        Action("restart", "Restart it", {}, permission=Permission.ADMIN, stages=["deploy"]),
    ]
)
INFO = PluginInfo(
    "my_agent",
    "1.0.0",
    "Does it",
    Permission.MODIFY,
    ["observe", "deploy"],
    [IntentPattern("restart *", "restart", priority=5, description="again")],
    [PromptTemplate("p", "content", description="d")],
    config_params=[
        ConfigParam("url", "Where"),
        ConfigParam("token", "Who", type="string", required=True, default="x", secret=True),
    ],
    metadata={"team": "é"},
)


def test_a_plugin_info_survives() -> None:
    """Every field of PluginInfo survives."""
    assert plugin_info(info_response(INFO, SCHEMA, "i1")) == INFO


def test_actions_survive() -> None:
    """Every field of an Action survives, with the intents that lead to it."""
    query, restart = plugin_schema(schema_response(INFO, SCHEMA)).actions
    assert query == SCHEMA.actions[0]
    assert restart.intents == [IntentPattern("restart *", description="again")]
    assert restart.routing_semantics is not None
    restart.intents, restart.routing_semantics = [], None
    assert restart == SCHEMA.actions[1]


def test_an_intent_of_no_action_has_none() -> None:
    """A pattern that no action lists leads to no action."""
    intent = wire.IntentPattern(pattern="x", priority=5)
    reply = wire.InfoResponse(permission=wire.Permission.READ, default_intents=[intent])
    assert plugin_info(reply).intent_patterns == [IntentPattern("x", "")]


def test_an_undocumented_permission_is_refused() -> None:
    """The contract's WRITE is not documented."""
    with pytest.raises(ValueError, match="permission WRITE is not one of READ, MODIFY, ADMIN"):
        plugin_info(wire.InfoResponse(permission=wire.Permission.WRITE))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"{}", r"the parameters of echo must be a JSON array, got b'{}'"),
        (b'[{"name": "a"}]', r"\{'name': 'a'\} is not a parameter of echo"),
    ],
)
def test_parameters_that_cannot_be_read_are_refused(data: bytes, text: str) -> None:
    """Parameters are an array of objects with name, type and required."""
    action = valid_action()
    action.input_params = data
    with pytest.raises(ValueError, match=text):
        plugin_schema(wire.GetSchemaResponse(actions=[action]))
