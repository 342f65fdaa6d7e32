"""What published agents declare, as the runtime reads it."""

import dataclasses

import pytest

from mirastack_sdk import InvalidPluginError
from mirastack_sdk import Permission as OurPermission
from mirastack_sdk import plugin as ours
from mirastack_sdk.compat import (
    Action,
    ConfigParam,
    DevOpsStage,
    IntentPattern,
    ParamSchema,
    Permission,
    PluginAdapter,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
)
from tests.compat.probe import Probe


class Declared(Probe):
    """Declares what a test gives it."""

    def __init__(self, info: PluginInfo, schema: PluginSchema | None = None) -> None:
        super().__init__()
        self._info = info
        self._schema = schema or PluginSchema(actions=info.actions)

    def info(self) -> PluginInfo:
        return self._info

    def schema(self) -> PluginSchema:
        return self._schema


def info_with(*actions: Action, intents: list[IntentPattern] | None = None) -> PluginInfo:
    return dataclasses.replace(Probe().info(), actions=list(actions), intents=intents or [])


def test_what_an_agent_is() -> None:
    """Each field of PluginInfo arrives under its documented name."""
    info = PluginInfo(
        name="query_metrics",
        version="1.2.3",
        description="Query metrics.",
        permissions=[Permission.ADMIN, Permission.READ],
        devops_stages=[DevOpsStage.OBSERVE, DevOpsStage.PLAN],
        intents=[IntentPattern("query metrics", "All kinds", 9)],
        actions=[Action("query", "Run it.")],
        prompt_templates=[PromptTemplate("analysis", "How to read", "Read it.")],
        config_params=[ConfigParam("token", "string", True, "t", "The token.", is_secret=True)],
    )
    assert PluginAdapter(Declared(info)).info() == ours.PluginInfo(
        name="query_metrics",
        version="1.2.3",
        description="Query metrics.",
        permission=OurPermission.ADMIN,
        devops_stages=["observe", "plan"],
        intent_patterns=[
            ours.IntentPattern("query metrics", "query", priority=9, description="All kinds")
        ],
        prompt_templates=[ours.PromptTemplate("analysis", "Read it.", description="How to read")],
        config_params=[
            ours.ConfigParam("token", "The token.", "string", True, "t", True),
        ],
    )


def test_what_an_agent_can_do() -> None:
    """Each field of an action arrives; WRITE counts as MODIFY; parameters keep their order."""
    routing = RoutingSemantics(
        accepted_intent_domains=["a.b"], capability_domain="a.b.c", positive_use_cases=["Use it"]
    )
    action = Action(
        "range",
        "Run it.",
        Permission.WRITE,
        [DevOpsStage.DEPLOY],
        [IntentPattern("graph *", priority=8)],
        input_params=[
            ParamSchema("query", "string", True, "What"),
            ParamSchema("limit", "number"),
        ],
        output_params=[ParamSchema("result", "json", True)],
        routing=routing,
    )
    (found,) = PluginAdapter(Declared(info_with(action))).schema().actions
    assert (found.name, found.description, found.stages) == ("range", "Run it.", ["deploy"])
    assert found.permission is OurPermission.MODIFY
    assert list(found.input_params.items()) == [
        ("query", ours.ParamSchema("string", True, "What")),
        ("limit", ours.ParamSchema("number", False)),
    ]
    assert found.output_params == {"result": ours.ParamSchema("json", True)}
    assert found.intents == [ours.IntentPattern("graph *", "range", priority=8)]
    assert found.routing_semantics == ours.RoutingSemantics(["a.b"], "a.b.c", ["Use it"])


def test_the_actions_name_is_no_parameter() -> None:
    """Agents that read `params["action"]` may declare it; the engine's action is there anyway."""
    action = Action("run", "Run.", input_params=[ParamSchema("action", "string", True)])
    (found,) = PluginAdapter(Declared(info_with(action))).schema().actions
    assert found.input_params == {}


def test_an_action_without_routing_leaves_it_to_be_derived() -> None:
    """Routing that an author has not touched is none; a part of one is checked as it is."""
    partly = Action("b", "B.", routing=RoutingSemantics(capability_domain="a.b"))
    adapter = PluginAdapter(Declared(info_with(Action("a", "A."), partly)))
    untouched, touched = (action.routing_semantics for action in adapter.schema().actions)
    assert untouched is None
    assert touched is not None
    assert (touched.capability_domain, touched.positive_use_cases) == ("a.b", [])


def test_actions_of_both_declarations() -> None:
    """An action may be in info() or schema(); parameters of the schema are every action's."""
    one, other = Action("one", "One.", input_params=[ParamSchema("a", "number")]), Action("other")
    schema = PluginSchema([ParamSchema("a", "string"), ParamSchema("b", "json")], [], [other, one])
    adapter = PluginAdapter(Declared(info_with(one), schema))
    assert {a.name: list(a.input_params.items()) for a in adapter.schema().actions} == {
        "one": [("a", ours.ParamSchema("number", False)), ("b", ours.ParamSchema("json", False))],
        "other": [("a", ours.ParamSchema("string", False)), ("b", ours.ParamSchema("json", False))],
    }


def test_phrases_of_the_agent_go_to_the_action_they_fit() -> None:
    """The action with the same phrase, else the one with the most words of it, else the first."""
    first = Action("instant_query", "Run a query at one moment.")
    labels = Action("label_names", "List the names of all labels.")
    series = Action("series", "Find series.", intents=[IntentPattern("query all")])
    patterns = ["query all", "list the label names", "completely different"]
    info = info_with(first, labels, series, intents=[IntentPattern(p) for p in patterns])
    found = PluginAdapter(Declared(info)).info().intent_patterns
    assert {intent.pattern: intent.action for intent in found} == {
        "query all": "series",
        "list the label names": "label_names",
        "completely different": "instant_query",
    }


def _twice() -> PluginInfo:
    params = [ParamSchema("a", "string"), ParamSchema("a", "string")]
    return info_with(Action("run", "Run it.", input_params=params))


def _other_action() -> PluginInfo:
    info = info_with()
    info.actions.append(ours.Action("run", "Run it.", {}))  # type: ignore[arg-type] # a mistake
    return info


def _other_stage() -> PluginInfo:
    return dataclasses.replace(info_with(), permissions=["read"])  # type: ignore[list-item] # a mistake


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (_twice(), 'action "run": input_params must not contain "a" twice'),
        (
            _other_action(),
            "PluginInfo.actions: expected an Action of mirastack_sdk.compat, got mirastack_sdk",
        ),
        (
            _other_stage(),
            "permissions: expected a Permission of mirastack_sdk.compat, got builtins.str",
        ),
        (ours, "info(): expected a PluginInfo of mirastack_sdk.compat, got builtins.module"),
    ],
    ids=["a name twice", "an action of ours", "a permission as text", "no info"],
)
def test_mistakes_are_named(info: PluginInfo, expected: str) -> None:
    """One sentence names what is wrong, where a published and a documented type are mixed too."""
    adapter = PluginAdapter(Declared(info, PluginSchema()))
    with pytest.raises(InvalidPluginError) as caught:
        adapter.info(), adapter.schema()
    assert str(caught.value).startswith(expected)
