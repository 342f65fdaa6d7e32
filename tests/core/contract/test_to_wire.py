"""The engine reads an agent's declarations as the author wrote them."""

import json

import pytest

from mirastack_sdk._core.contract.to_wire import (
    info_response,
    permission_to_wire,
    schema_response,
    stage_to_wire,
)
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS as GOJSON
from mirastack_sdk._gen.protobuf_codec import CODECS as PROTOBUF
from mirastack_sdk._wire.codec.message_codec import CodecTable
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

STAGES = ["observe", "operate", "deploy", "release", "plan", "build", "test", "code"]
RANGE_QUERY = Action(
    name="range_query",
    description="Query metrics over a time range.",
    input_params={"query": ParamSchema("string"), "step": ParamSchema("string", required=False)},
    output_params={"series": ParamSchema("array")},
    intents=["graph *"],
)
DELETE_SERIES = Action(
    name="delete_series",
    description="Delete metrics.",
    input_params={},
    permission=Permission.ADMIN,
    stages=["operate"],
    routing_semantics=RoutingSemantics(
        accepted_intent_domains=["metrics.delete"],
        capability_domain="metrics.series",
        positive_use_cases=["Delete a series"],
        negative_use_cases=["Query a series"],
        signal_domains=["signals.metrics"],
        backend_domains=["victoria.metrics"],
        entity_types=["metrics.series"],
    ),
)
INFO = PluginInfo(
    name="query_metrics",
    version="1.2.3",
    description="Queries metrics",
    permission=Permission.READ,
    devops_stages=["observe", "plan"],
    intent_patterns=[
        IntentPattern("query metrics for *", "range_query", priority=7, description="any metric"),
        IntentPattern("delete *", "delete_series"),
    ],
    prompt_templates=[PromptTemplate("analysis", "You analyse.", description="for metrics")],
    config_params=[
        ConfigParam("backend_url", "Where the backend is", required=True, default="x"),
        ConfigParam("token", "Its token", secret=True),
    ],
    metadata={"team": "sre"},
)
SCHEMA = PluginSchema(actions=[RANGE_QUERY, DELETE_SERIES])


@pytest.mark.contract("The messages: Info carries what the author declares")
def test_the_card_holds_who_the_agent_is() -> None:
    """Name, version, description, kind, permission, stages, metadata and instance."""
    reply = info_response(INFO, SCHEMA, "instance-1")
    assert (reply.name, reply.version, reply.description) == (
        "query_metrics",
        "1.2.3",
        "Queries metrics",
    )
    assert reply.type is wire.PluginType.AGENT
    assert reply.permission is wire.Permission.READ
    assert reply.devops_stages == [wire.DevOpsStage.OBSERVE, wire.DevOpsStage.PLAN]
    assert reply.metadata == {"team": "sre"}
    assert reply.instance_id == "instance-1"


@pytest.mark.contract(
    "From the documented API to the wire: an action is sent with the plugin's stages, at least one"
)
@pytest.mark.contract(
    "From the documented API to the wire: an action without a permission has the plugin's"
)
def test_an_action_without_permission_and_stages_has_the_plugins() -> None:
    """Engines require both on each action."""
    action = info_response(INFO, SCHEMA, "").actions[0]
    assert action.permission is wire.Permission.READ
    assert action.stages == [wire.DevOpsStage.OBSERVE, wire.DevOpsStage.PLAN]


@pytest.mark.contract(
    "From the documented API to the wire: an action without a permission has the plugin's"
)
def test_an_action_keeps_its_own_permission_and_stages() -> None:
    """They override the plugin's."""
    action = info_response(INFO, SCHEMA, "").actions[1]
    assert action.permission is wire.Permission.ADMIN
    assert action.stages == [wire.DevOpsStage.OPERATE]


@pytest.mark.contract(
    "From the documented API to the wire: parameters are a JSON array, in the dict's order"
)
def test_parameters_are_json_arrays() -> None:
    """Input and output parameters keep the author's order."""
    action = info_response(INFO, SCHEMA, "").actions[0]
    assert [param["name"] for param in json.loads(action.input_params)] == ["query", "step"]
    assert [param["name"] for param in json.loads(action.output_params)] == ["series"]


def test_an_action_without_parameters_has_an_empty_array() -> None:
    """It is neither null nor missing."""
    assert info_response(INFO, SCHEMA, "").actions[1].input_params == b"[]"


@pytest.mark.contract(
    "From the documented API to the wire: a pattern is among the plugin's default_intents"
)
@pytest.mark.contract("The messages: confidence is priority / 10")
def test_intent_patterns_are_sent_by_the_plugin() -> None:
    """Confidence is a tenth of the priority."""
    intent = info_response(INFO, SCHEMA, "").default_intents[0]
    assert intent == wire.IntentPattern(
        pattern="query metrics for *", confidence=0.7, description="any metric", priority=7
    )


@pytest.mark.contract(
    "From the documented API to the wire: a pattern is among the intents of the action it names"
)
def test_an_actions_intents_are_its_own_and_those_that_name_it() -> None:
    """Phrases of other actions are not included."""
    actions = info_response(INFO, SCHEMA, "").actions
    assert [intent.pattern for intent in actions[0].intents] == ["graph *", "query metrics for *"]
    assert [intent.pattern for intent in actions[1].intents] == ["delete *"]


def test_a_phrase_declared_in_both_places_is_sent_once() -> None:
    """The declaration that has a priority counts."""
    action = Action("a", "d", {}, intents=["same", "same", "own"])
    info = PluginInfo(
        "p", "1", "d", Permission.READ, ["observe"], [IntentPattern("same", "a", priority=3)]
    )
    [described] = info_response(info, PluginSchema([action]), "").actions
    assert [(i.pattern, i.priority) for i in described.intents] == [("same", 3), ("own", 5)]


@pytest.mark.contract("Routing: intents carry priority and confidence, 5 and 0.5 without one")
def test_an_actions_own_patterns_have_their_priorities() -> None:
    """A phrase has the priority 5; a pattern of the action wins over one of the plugin."""
    action = Action("a", "d", {}, intents=["plain", IntentPattern("own", priority=9)])
    own = [IntentPattern("own", "a"), IntentPattern("plain", "a", description="more")]
    info = PluginInfo("p", "1", "d", Permission.READ, ["observe"], own)
    [described] = info_response(info, PluginSchema([action]), "").actions
    assert described.intents == [
        wire.IntentPattern(pattern="plain", confidence=0.5, priority=5, description="more"),
        wire.IntentPattern(pattern="own", confidence=0.9, priority=9),
    ]


@pytest.mark.contract("Quality gates: config parameters have a key, a description and a known type")
@pytest.mark.contract("The messages: ConfigParamSchema.type is one of the engine's five")
@pytest.mark.parametrize(
    ("declared", "default", "sent", "written"),
    [
        ("string", " x ", "string", " x "),
        ("integer", " 5 ", "int", "5"),
        ("int", "5", "int", "5"),
        ("boolean", "True", "bool", "true"),
        ("bool", "off", "bool", "false"),
        ("bool", "perhaps", "bool", "perhaps"),
        ("number", "1.5", "string", "1.5"),
        ("array", "[1]", "json", "[1]"),
        ("object", '{"a":1}', "json", '{"a":1}'),
        ("json", "null", "json", "null"),
        ("duration", "5s", "duration", "5s"),
        ("duration", "1h0m0s", "duration", "1h0m0s"),
        ("duration", "90", "duration", "1m30s"),
        ("duration", "1d", "duration", "24h"),
        ("duration", "soon", "duration", "soon"),
        ("duration", "9" * 18 + "w", "duration", "9" * 18 + "w"),
        ("duration", "", "duration", ""),
    ],
)
def test_config_parameters_have_the_engines_types(
    declared: str, default: str, sent: str, written: str
) -> None:
    """Documented types stand for them, and defaults are written as the engine writes values."""
    param = ConfigParam("key", "what", type=declared, default=default)
    info = PluginInfo("p", "1", "d", Permission.READ, ["observe"], config_params=[param])
    [described] = info_response(info, SCHEMA, "").config_schema
    assert (described.type, described.default) == (sent, written)


@pytest.mark.contract("The messages: Info carries what the author declares")
def test_prompt_templates_and_config_parameters_are_sent() -> None:
    """Secret parameters are marked."""
    reply = info_response(INFO, SCHEMA, "")
    assert reply.prompt_templates == [
        wire.PromptTemplateDef(name="analysis", description="for metrics", content="You analyse.")
    ]
    assert reply.config_schema == [
        wire.ConfigParamSchema(
            key="backend_url",
            type="string",
            required=True,
            default="x",
            description="Where the backend is",
        ),
        wire.ConfigParamSchema(key="token", type="string", description="Its token", is_secret=True),
    ]


@pytest.mark.contract("Routing: an action without its own gets derived ones")
def test_routing_semantics_are_always_sent() -> None:
    """Derived ones for an action that has none."""
    actions = info_response(INFO, SCHEMA, "").actions
    assert actions[0].routing_semantics == wire.RoutingSemantics(
        schema_version="mirastack.routing_semantics/v1",
        accepted_intent_domains=["core.observe.query_metrics", "core.plan.query_metrics"],
        capability_domain="core.observe.query_metrics.range_query",
        positive_use_cases=[
            "Query metrics over a time range.",
            "graph *",
            "query metrics for *",
        ],
    )
    assert actions[1].routing_semantics == wire.RoutingSemantics(
        schema_version="mirastack.routing_semantics/v1",
        accepted_intent_domains=["metrics.delete"],
        capability_domain="metrics.series",
        positive_use_cases=["Delete a series"],
        negative_use_cases=["Query a series"],
        signal_domains=["signals.metrics"],
        backend_domains=["victoria.metrics"],
        entity_types=["metrics.series"],
    )


@pytest.mark.contract("The messages: GetSchema has empty arrays beside the actions")
def test_the_schema_holds_the_same_actions() -> None:
    """The agent's own parameters are empty arrays: each parameter belongs to an action."""
    reply = schema_response(INFO, SCHEMA)
    assert (reply.params_json_schema, reply.result_json_schema) == (b"[]", b"[]")
    assert reply.actions == info_response(INFO, SCHEMA, "").actions


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
def test_a_card_can_be_sent(codecs: CodecTable) -> None:
    """It can be written and read in both encodings."""
    codec = codecs.for_type(wire.InfoResponse)
    data = codec.encode(info_response(INFO, SCHEMA, "instance-1"))
    assert codec.encode(codec.decode(data)) == data


@pytest.mark.contract("The messages: enums count from 1, after UNSPECIFIED")
@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_its_number(permission: Permission) -> None:
    """The contract's enum has the documented names."""
    assert permission_to_wire(permission).name == permission.name


@pytest.mark.contract("The messages: enums count from 1, after UNSPECIFIED")
@pytest.mark.parametrize("stage", STAGES)
def test_every_documented_stage_has_its_number(stage: str) -> None:
    """The contract's enum has a member for each documented tag."""
    assert stage_to_wire(stage).name.lower() == stage
