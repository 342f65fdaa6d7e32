"""An agent that an engine would refuse gets every reason before it starts."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.policy.gates import check_plugin
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
from tests.core.policy.gate_samples import info, schema, violations


def test_a_complete_agent_passes() -> None:
    """An agent that uses every field correctly has no violations."""
    assert check_plugin(info(), schema()) == []


def test_a_minimal_agent_passes() -> None:
    """The documented required fields alone are enough."""
    assert (
        check_plugin(
            PluginInfo("my_agent", "1.0.0", "An agent", Permission.READ, ["observe"]),
            PluginSchema([Action("get_status", "Get it.", {})]),
        )
        == []
    )


@pytest.mark.parametrize("given_info", [None, {}, "info", PluginInfo, object(), 3])
def test_an_info_of_any_other_type_gives_one_sentence(given_info: PluginInfo) -> None:
    """A missing return and a dict are common mistakes."""
    [sentence] = check_plugin(given_info, schema())
    assert sentence.startswith("info() must return a PluginInfo object, got ")


@pytest.mark.parametrize("given_schema", [None, {}, [], PluginSchema, [schema()], object()])
def test_a_schema_of_any_other_type_gives_one_sentence(given_schema: PluginSchema) -> None:
    """Intent patterns are not reported for actions that could not be read."""
    [sentence] = check_plugin(info(), given_schema)
    assert sentence.startswith("schema() must return a PluginSchema object, got ")


@pytest.mark.contract("Quality gates: each action has a unique name in snake_case")
def test_each_action_has_a_unique_name() -> None:
    """Every repetition of a name is reported, the third one as well."""
    action = schema().actions[0]
    sentence = 'action "get_status" is declared twice: each name must be unique'
    assert check_plugin(info(), PluginSchema([action] * 3)) == [sentence, sentence]


def test_each_config_parameter_has_a_unique_key() -> None:
    """Operators could not tell parameters with equal keys apart."""
    param = ConfigParam("backend_url", "Where the backend is")
    assert check_plugin(replace(info(), config_params=[param, param]), schema()) == [
        'config parameter "backend_url" is declared twice: each name must be unique'
    ]


@pytest.mark.contract("Quality gates: all violations are reported at once")
def test_all_violations_are_reported_at_once() -> None:
    """Those of the plugin, of its actions and of their parameters."""
    wrong_info = PluginInfo("", "", "", Permission.READ, [])
    wrong_schema = PluginSchema([Action("A", "", {"p": ParamSchema("str", description="d")})])
    starts = [line.partition(" must")[0] for line in check_plugin(wrong_info, wrong_schema)]
    assert starts == [
        "PluginInfo: name",
        "PluginInfo: version",
        "PluginInfo: description",
        "PluginInfo: devops_stages",
        'action "A": name',
        'action "A": description',
        'action "A": input parameter "p": type',
    ]


def test_a_field_that_raises_is_a_violation() -> None:
    """A property of the author's class may fail."""

    class Failing(PluginInfo):
        @property
        def metadata(self) -> dict[str, str]:
            raise RuntimeError("no metadata")

        @metadata.setter
        def metadata(self, value: dict[str, str]) -> None: ...

    failing = Failing("my_agent", "1", "d", Permission.READ, ["observe"])
    assert check_plugin(failing, schema()) == [
        "PluginInfo: metadata must be a dict of text to text, got an object of type RuntimeError"
    ]


ANYTHING: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.none() | st.text() | st.lists(st.text()))
    | st.dictionaries(
        st.text() | st.integers(), st.none() | st.text() | st.just(ParamSchema("string"))
    )
    | st.sampled_from([Permission.READ, PluginInfo, object(), ..., {1, 2}, [ParamSchema("x")]])
)
PATHS = [
    f"{holder}.{field.name}"
    for holder, kind in {
        "info": PluginInfo,
        "schema": PluginSchema,
        "action": Action,
        "input": ParamSchema,
        "config": ConfigParam,
        "intent": IntentPattern,
        "prompt": PromptTemplate,
        "routing": RoutingSemantics,
    }.items()
    for field in fields(kind)
]


@given(path=st.sampled_from(PATHS), value=ANYTHING)
def test_any_value_in_any_field_gives_sentences_and_no_exception(path: str, value: object) -> None:
    """Authors without a type checker may put any value into any field."""
    assert all(len(line) < 400 and "\n" not in line for line in violations(path, value))


@pytest.mark.contract("Quality gates: an input parameter named action is refused")
def test_no_input_parameter_is_named_action() -> None:
    """Requests carry the name of the action under it; an output may have the name."""
    params = {"action": ParamSchema("string")}
    action = Action("run", "Run it.", params, {"action": ParamSchema("string")})
    [violation] = check_plugin(info(), PluginSchema([*schema().actions, action]))
    assert violation == (
        'action "run": input parameter "action" must have another name: requests carry the name '
        "of the action under it"
    )


@pytest.mark.contract("Quality gates: an intent pattern names an action that exists")
def test_the_patterns_of_an_action_are_its_own() -> None:
    """They need not name the action, but must not name another."""
    fine = [IntentPattern("a *"), IntentPattern("b *", "get_status", priority=9)]
    assert violations("action.intents", ["c *", *fine]) == []
    other = IntentPattern("d *", "restart")
    assert violations("action.intents", [*fine, other]) == [
        'action "get_status": intent "d *": action must be "get_status" or left out, got "restart"'
    ]
    assert violations("action.intents", [IntentPattern("", priority=True)]) == [
        'action "get_status": intents[0]: pattern must be text that is not blank, got ""',
        'action "get_status": intents[0]: priority must be a whole number of 32 bits, got True',
    ]


@pytest.mark.contract("Quality gates: the agent's own name is free text")
@pytest.mark.parametrize("name", ["query_vlogs", "my-agent", "mirastack-plugin-my-agent"])
def test_names_of_published_agents_are_accepted(name: str) -> None:
    """Snake case is for actions."""
    assert check_plugin(replace(info(), name=name), schema()) == []


@pytest.mark.contract("Quality gates: parameter types are the six documented, and json")
@pytest.mark.parametrize(
    "kind", ["string", "integer", "boolean", "number", "array", "object", "json"]
)
def test_the_types_of_published_agents_are_accepted(kind: str) -> None:
    """For input and output."""
    assert violations("input.type", kind) == []
    assert violations("output.type", kind) == []
