"""validate_plugin: the published rules, in the published order."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from mirastack_sdk.compat import (
    Action,
    ConfigParam,
    DevOpsStage,
    PluginInfo,
    RoutingSemantics,
)
from mirastack_sdk.compat.validate import validate_plugin


def routing() -> RoutingSemantics:
    return RoutingSemantics(
        accepted_intent_domains=["core.observe.metrics.query"],
        capability_domain="core.observe.metrics.query.range",
        positive_use_cases=["Graph a metric"],
        signal_domains=["core.signal.metrics", " "],
    )


def valid() -> PluginInfo:
    return PluginInfo(
        name="query_metrics",
        version="1.0.0",
        description="Query metrics.",
        devops_stages=[DevOpsStage.OBSERVE],
        actions=[Action("range", "Run.", stages=[DevOpsStage.OBSERVE], routing=routing())],
        config_params=[ConfigParam("url", description="The URL.")],
    )


def test_a_valid_plugin_has_none() -> None:
    """A plugin that keeps the rules has no violations, and is not changed."""
    info = valid()
    before = deepcopy(info)
    assert validate_plugin(info) == []
    assert info == before


def test_all_are_reported_in_order() -> None:
    """The plugin's come first, then those of actions and of config parameters."""
    info = PluginInfo(
        name="",
        version="",
        description=" ",
        actions=[
            Action(""),
            Action("a", "A.", stages=[DevOpsStage.TEST], routing=routing()),
            Action("a"),
        ],
        config_params=[ConfigParam("", type="strange"), ConfigParam("k", description=" ")],
    )
    found = validate_plugin(info)
    assert [violation.partition(":")[0] for violation in found] == [
        "name is required",
        "version is required",
        "description is required",
        "at least one DevOps stage is required",
        "action[0] ()",
        *["action[2] (a)"] * 4,
        *["config_param[0] ()"] * 2,
        "config_param[1] (k)",
    ]
    assert found[-4] == (
        "action[2] (a): invalid routing semantics: accepted_intent_domains is required"
    )
    assert validate_plugin(PluginInfo("n", " ", "d", devops_stages=[DevOpsStage.PLAN])) == [
        "at least one action is required"
    ]


type Change = Callable[[RoutingSemantics], None]


def change(**fields: object) -> Change:
    def apply(semantics: RoutingSemantics) -> None:
        for name, value in fields.items():
            setattr(semantics, name, value)

    return apply


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (change(schema_version=" "), "schema_version is required"),
        (change(schema_version="v2"), "schema_version must be"),
        (change(accepted_intent_domains=[" "]), "accepted_intent_domains is required"),
        (change(accepted_intent_domains=["a.b", " A.B "]), "accepted_intent_domains has dup"),
        (change(capability_domain=" "), "capability_domain is required"),
        (change(capability_domain="metrics"), 'capability_domain: "metrics" is not namespaced'),
        (change(capability_domain="1a.b"), 'capability_domain: "1a.b" is not namespaced'),
        (change(capability_domain="a." + "b" * 127), "capability_domain: a domain has more"),
        (change(positive_use_cases=[]), "positive_use_cases is required"),
        (change(positive_use_cases=["x" * 257]), "positive_use_cases: a use case has more"),
        (change(negative_use_cases=["A", "a "]), "negative_use_cases has duplicates"),
        (change(entity_types=[f"a.b{n}" for n in range(65)]), "entity_types has more than 64"),
        (change(backend_domains=["a b.c"]), 'backend_domains: "a b.c" is not namespaced'),
    ],
)
def test_routing_reports_its_first_problem(broken: Change, expected: str) -> None:
    """Of an action's routing only the first problem is reported."""
    info = valid()
    broken(info.actions[0].routing)
    (found,) = validate_plugin(info)
    assert found.startswith(f"action[0] (range): invalid routing semantics: {expected}")
