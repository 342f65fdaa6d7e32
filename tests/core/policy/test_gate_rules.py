"""Each rule for a declared field has its own sentence."""

import pytest

from mirastack_sdk.plugin import Action, ParamSchema, Permission, RoutingSemantics
from tests.core.policy.gate_samples import direct_violations

READ_MODIFY_ADMIN = "Permission.READ, Permission.MODIFY or Permission.ADMIN"
STAGES = 'the stages "observe", "operate", "deploy", "release", "plan", "build", "test", "code"'
TYPES = 'one of "string", "integer", "boolean", "number", "array", "object", "json"'
CONFIG_TYPES = f'{TYPES}, "int", "bool", "duration"'
DOMAINS = "lower-case dotted domains such as metrics.query, of at most 128 characters"
DOMAIN = f"one of the {DOMAINS}"
USE_CASES = "use cases that are not blank, of at most 256 characters"
INTENTS = "phrases that are not blank, or IntentPattern objects"
FILLED = "text that is not blank"
HEADER = "printable ASCII text that is not blank"
PLACES = {
    "info": "PluginInfo",
    "schema": "PluginSchema",
    "action": 'action "get_status"',
    "input": 'action "get_status": input parameter "service"',
    "output": 'action "get_status": output parameter "status"',
    "config": 'config parameter "backend_url"',
    "intent": 'intent pattern "status of *"',
    "prompt": 'prompt template "status"',
    "routing": 'action "get_status": routing_semantics',
}


@pytest.mark.contract("Quality gates: RoutingSemantics, where given, keep to the limits")
@pytest.mark.contract("Quality gates: config parameters have a key, a description and a known type")
@pytest.mark.contract("Quality gates: parameter types are the six documented, and json")
@pytest.mark.contract("Quality gates: at least one action, each with a description")
@pytest.mark.contract("Quality gates: at least one DevOps stage, each one of the eight")
@pytest.mark.contract("Quality gates: the permission is set")
@pytest.mark.contract("Quality gates: name, version and description are not blank")
@pytest.mark.parametrize(
    ("path", "value", "rest"),
    [
        ("info.name", "", f'must be {HEADER}, got ""'),
        ("info.name", None, f"must be {HEADER}, got None"),
        ("info.name", "agënt", f'must be {HEADER}, got "agënt"'),
        ("info.name", "a\nb", f"must be {HEADER}, got 'a\\nb'"),
        ("info.version", " ", f'must be {FILLED}, got " "'),
        ("info.version", 1.0, f"must be {FILLED}, got 1.0"),
        ("info.description", "\n", f"must be {FILLED}, got '\\n'"),
        ("info.description", "\ud800", f"must be {FILLED}, got '\\ud800'"),
        ("info.permission", "READ", f'must be {READ_MODIFY_ADMIN}, got "READ"'),
        ("info.permission", None, f"must be {READ_MODIFY_ADMIN}, got None"),
        ("info.permission", Permission, f"must be {READ_MODIFY_ADMIN}, got the class Permission"),
        ("info.devops_stages", [], f"must contain at least one of {STAGES}, got an empty list"),
        ("info.devops_stages", "observe", f'must be a list of {STAGES}, got "observe"'),
        ("info.devops_stages", None, f"must be a list of {STAGES}, got None"),
        (
            "info.devops_stages",
            ["observe", "observer"],
            f'must contain only {STAGES}, got "observer"',
        ),
        ("info.devops_stages", ["OBSERVE"], f'must contain only {STAGES}, got "OBSERVE"'),
        ("info.devops_stages", [3], f"must contain only {STAGES}, got 3"),
        ("info.intent_patterns", ["x"], 'must contain only IntentPattern objects, got "x"'),
        ("info.intent_patterns", None, "must be a list of IntentPattern objects, got None"),
        (
            "info.prompt_templates",
            [{}],
            "must contain only PromptTemplate objects, got an empty dict",
        ),
        (
            "info.config_params",
            {"a": 1},
            "must be a list of ConfigParam objects, got an object of type dict",
        ),
        ("info.metadata", {"a": 1}, "must be a dict of text to text, got an object of type dict"),
        ("info.metadata", None, "must be a dict of text to text, got None"),
        ("schema.actions", [], "must contain at least one of Action objects, got an empty list"),
        ("schema.actions", None, "must be a list of Action objects, got None"),
        ("schema.actions", [Action], "must contain only Action objects, got the class Action"),
        ("action.description", "", f'must be {FILLED}, got ""'),
        ("action.description", None, f"must be {FILLED}, got None"),
        (
            "action.input_params",
            [],
            "must be a dict of names to ParamSchema objects, got an empty list",
        ),
        ("action.output_params", None, "must be a dict of names to ParamSchema objects, got None"),
        ("action.permission", "ADMIN", f'must be {READ_MODIFY_ADMIN}, or None, got "ADMIN"'),
        ("action.intents", "status", f'must be a list of {INTENTS}, got "status"'),
        ("action.intents", ["a", ""], f'must contain only {INTENTS}, got ""'),
        ("action.stages", ["observed"], f'must contain only {STAGES}, got "observed"'),
        (
            "action.routing_semantics",
            {},
            "must be a RoutingSemantics object or None, got an empty dict",
        ),
        ("input.type", "str", f'must be {TYPES}, got "str"'),
        ("input.type", str, f"must be {TYPES}, got the class str"),
        ("input.required", "yes", 'must be True or False, got "yes"'),
        ("input.description", None, "must be text, got None"),
        ("input.default", 30, "must be text, got 30"),
        ("input.enum", [1], "must contain only text, got 1"),
        ("input.enum", "a", 'must be a list of text, got "a"'),
        ("output.type", "int", f'must be {TYPES}, got "int"'),
        ("config.description", " ", f'must be {FILLED}, got " "'),
        ("config.type", "url", f'must be {CONFIG_TYPES}, got "url"'),
        ("config.default", 3, "must be text, got 3"),
        ("config.secret", 1, "must be True or False, got 1"),
        (
            "intent.action",
            "get_state",
            'must name one of the plugin\'s actions, got "get_state"',
        ),
        (
            "intent.action",
            ["get_status"],
            "must name one of the plugin's actions, got an object of type list",
        ),
        ("intent.priority", "7", 'must be a whole number of 32 bits, got "7"'),
        ("intent.priority", True, "must be a whole number of 32 bits, got True"),
        ("intent.priority", 2**31, "must be a whole number of 32 bits, got an object of type int"),
        ("prompt.content", "", f'must be {FILLED}, got ""'),
        ("routing.schema_version", "v1", 'must be "mirastack.routing_semantics/v1", got "v1"'),
        (
            "routing.accepted_intent_domains",
            [],
            f"must contain at least one of {DOMAINS}, got an empty list",
        ),
        (
            "routing.accepted_intent_domains",
            ["status"],
            f'must contain only {DOMAINS}, got "status"',
        ),
        (
            "routing.accepted_intent_domains",
            ["a.b", " A.B "],
            'must not contain duplicates, got "a.b" again',
        ),
        (
            "routing.accepted_intent_domains",
            [f"a.b{index}" for index in range(65)],
            "must contain at most 64 items, got 65",
        ),
        ("routing.capability_domain", "", f'must be {DOMAIN}, got ""'),
        ("routing.capability_domain", "a." + "b" * 127, f'must be {DOMAIN}, got "a.{"b" * 57}…"'),
        (
            "routing.positive_use_cases",
            [],
            f"must contain at least one of {USE_CASES}, got an empty list",
        ),
        (
            "routing.positive_use_cases",
            ["x" * 257],
            f'must contain only {USE_CASES}, got "{"x" * 59}…"',
        ),
        (
            "routing.positive_use_cases",
            "Is it up?",
            f'must be a list of {USE_CASES}, got "Is it up?"',
        ),
        ("routing.signal_domains", ["metrics"], f'must contain only {DOMAINS}, got "metrics"'),
        ("routing.backend_domains", [3], f"must contain only {DOMAINS}, got 3"),
        ("routing.negative_use_cases", ["a", " a"], 'must not contain duplicates, got "a" again'),
        ("routing.entity_types", ["a b"], f'must contain only {DOMAINS}, got "a b"'),
    ],
)
def test_one_wrong_field_gives_one_sentence(path: str, value: object, rest: str) -> None:
    """The sentence names the place, the field, what is expected, and the value."""
    holder, _, field = path.partition(".")
    assert direct_violations(path, value) == [f"{PLACES[holder]}: {field} {rest}"]


@pytest.mark.contract("Quality gates: config parameters have a key, a description and a known type")
@pytest.mark.contract("Quality gates: each action has a unique name in snake_case")
@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "action.name",
            "Get-Status",
            'action "Get-Status": name must be in snake_case such as get_status, got "Get-Status"',
        ),
        ("action.name", "", 'actions[0]: name must be in snake_case such as get_status, got ""'),
        (
            "action.name",
            "a\n",
            "action 'a\\n': name must be in snake_case such as get_status, got 'a\\n'",
        ),
        ("action.name", 7, "actions[0]: name must be in snake_case such as get_status, got 7"),
        (
            "action.input_params",
            {"a": "string"},
            'action "get_status": input parameter "a" must be a ParamSchema object, got "string"',
        ),
        (
            "action.input_params",
            {" ": ParamSchema("string")},
            'action "get_status": input parameter: name must be text that is not blank, got " "',
        ),
        (
            "action.input_params",
            {3: ParamSchema("string")},
            'action "get_status": input parameter: name must be text that is not blank, got 3',
        ),
        (
            "action.output_params",
            {"a": None},
            'action "get_status": output parameter "a" must be a ParamSchema object, got None',
        ),
        ("config.key", "", f'config_params[0]: key must be {FILLED}, got ""'),
        ("intent.pattern", "", f'intent_patterns[0]: pattern must be {FILLED}, got ""'),
        ("prompt.name", "", f'prompt_templates[0]: name must be {FILLED}, got ""'),
    ],
)
def test_an_item_without_a_name_is_identified_by_its_index(
    path: str, value: object, sentence: str
) -> None:
    """Items without a usable name are identified by index, parameters by their key."""
    assert direct_violations(path, value) == [sentence]


@pytest.mark.contract("Quality gates: RoutingSemantics, where given, keep to the limits")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("routing.capability_domain", "a." + "b" * 126),
        ("routing.positive_use_cases", ["x" * 256]),
        ("routing.accepted_intent_domains", [f"a.b{index}" for index in range(64)]),
        ("info.devops_stages", ("observe", "code")),
        ("action.name", "a"),
        ("action.name", "get_status_2"),
        ("intent.priority", -(2**31)),
        ("input.default", "not in the enum"),
    ],
)
def test_the_limits_themselves_are_allowed(path: str, value: object) -> None:
    """A value exactly at a limit is not a violation."""
    assert direct_violations(path, value) == []


@pytest.mark.contract("Routing: the names of the published metrics agent are accepted")
def test_routing_semantics_of_a_published_agent_are_accepted() -> None:
    """They show the convention that the domains of most agents follow."""
    published = RoutingSemantics(
        accepted_intent_domains=["core.observe.metrics.query"],
        capability_domain="core.observe.metrics.query.range",
        positive_use_cases=["Query a metric over a time range"],
        signal_domains=["core.signal.metrics"],
        backend_domains=["core.backend.victoriametrics"],
        entity_types=["core.entity.metric", "core.entity.timeseries"],
    )
    assert direct_violations("action.routing_semantics", published) == []
