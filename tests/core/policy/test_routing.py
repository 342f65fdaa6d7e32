"""Actions have routing semantics: the author's own, normalised, or derived ones."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.policy.gates import check_plugin, routing_violations
from mirastack_sdk._core.policy.routing import derived_actions, normalized_routing, routing_of
from mirastack_sdk.plugin import (
    Action,
    IntentPattern,
    Permission,
    PluginInfo,
    PluginSchema,
    RoutingSemantics,
)

INFO = PluginInfo("query_metrics", "1.0.0", "Queries metrics", Permission.READ, ["observe", "plan"])
OWN = RoutingSemantics(
    accepted_intent_domains=[" Core.Observe.Metrics.Query ", "", "core.analyze.metrics"],
    capability_domain=" CORE.observe.metrics.query.range",
    positive_use_cases=["  Query a Range ", "   ", "Compare ranges"],
    negative_use_cases=["Delete"],
    signal_domains=["core.signal.metrics", " "],
    backend_domains=["core.backend.VictoriaMetrics"],
    entity_types=["core.entity.timeseries", "core.entity.metric"],
    schema_version=" mirastack.routing_semantics/v1 ",
)


def derived(
    description: str = "Query metrics.",
    *,
    agent: str = "query_metrics",
    name: str = "query",
    intents: list[str] | None = None,
) -> RoutingSemantics:
    """The routing semantics of an action that has none."""
    action = Action(name, description, {}, intents=intents or [])
    return routing_of(replace(INFO, name=agent), action)


@pytest.mark.contract("Routing: derived use cases are the intents and the first sentence")
@pytest.mark.contract("Routing: an action without its own gets derived ones")
def test_derived_semantics_come_from_the_authors_own_words() -> None:
    """Stages, names, intents and the first sentence of the description."""
    info = replace(INFO, intent_patterns=[IntentPattern("metrics of *", "query", priority=8)])
    action = Action(
        "query",
        "Query metrics, e.g. rates. Ranges are not supported.",
        {},
        intents=["show *", IntentPattern("graph *", priority=7)],
    )
    assert routing_of(info, action) == RoutingSemantics(
        accepted_intent_domains=["core.observe.query_metrics", "core.plan.query_metrics"],
        capability_domain="core.observe.query_metrics.query",
        positive_use_cases=["Query metrics, e.g. rates.", "graph *", "metrics of *", "show *"],
    )


def test_the_stages_of_an_action_replace_those_of_the_agent() -> None:
    """The first one counts for the capability, although the domains are sorted."""
    action = Action("restart", "Restart it.", {}, stages=["operate", "deploy", "operate"])
    semantics = routing_of(INFO, action)
    assert semantics.capability_domain == "core.operate.query_metrics.restart"
    assert semantics.accepted_intent_domains == [
        "core.deploy.query_metrics",
        "core.operate.query_metrics",
    ]


@pytest.mark.contract("Routing: derived names are brought into the domain syntax")
@pytest.mark.parametrize(
    ("agent", "domain"),
    [
        ("query_vlogs", "query_vlogs"),
        ("mirastack-plugin-my-agent", "mirastack-plugin-my-agent"),
        ("My Agent (v2)", "my-agent-v2"),
        ("acme.metrics", "acme.metrics"),
        ("acme..metrics.", "acme.metrics"),
        ("3scale", "n3scale"),
        ("_x", "n_x"),
        ("acme.2nd", "acme.n2nd"),
        ("!?", "agent"),
        ("...", "agent"),
    ],
)
def test_names_become_domains(agent: str, domain: str) -> None:
    """The agent's name is free text."""
    assert derived(agent=agent).accepted_intent_domains == [
        f"core.observe.{domain}",
        f"core.plan.{domain}",
    ]


@pytest.mark.contract("Routing: derived use cases are the intents and the first sentence")
@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ("Query metrics", "Query metrics"),
        ("Query metrics! Now", "Query metrics!"),
        ("Query\n  metrics.\nUse it often.", "Query metrics."),
        ("Versions 1.5 and up. More.", "Versions 1.5 and up."),
        ("Is it up? (Or down.)", "Is it up?"),
        ("...", "..."),
        ("查询指标。更多。", "查询指标。"),
        ("x" * 300, "x" * 256),
    ],
)
def test_the_first_sentence_of_the_description_is_a_use_case(
    description: str, sentence: str
) -> None:
    """At most 256 characters of it."""
    assert derived(description).positive_use_cases == [sentence]


@pytest.mark.contract("Routing: derived use cases are the intents and the first sentence")
def test_derived_use_cases_are_distinct_and_few_enough() -> None:
    """Engines refuse duplicates, long texts and more than 64 items."""
    intents = ["QUERY METRICS.", "a" * 300, "a" * 299, *(f"phrase {index}" for index in range(70))]
    semantics = derived(intents=intents)
    assert len(semantics.positive_use_cases) == 64
    assert {"Query metrics.", "a" * 256} < set(semantics.positive_use_cases)
    assert "QUERY METRICS." not in semantics.positive_use_cases


def test_long_names_are_cut() -> None:
    """Domains have at most 128 characters, and agent and action share them."""
    semantics = derived(agent="a" * 200, name="b" * 200)
    assert semantics.accepted_intent_domains[0] == f"core.observe.{'a' * 115}"
    assert semantics.capability_domain == f"core.observe.{'a' * 57}.{'b' * 57}"


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=400).filter(str.strip)


@pytest.mark.contract("Routing: derived ones keep to the engine's rules")
@given(agent=NAMES, description=WORDS, intents=st.lists(WORDS, max_size=80))
def test_derived_semantics_are_always_accepted(
    agent: str, description: str, intents: list[str]
) -> None:
    """Whatever an agent is called and says, as long as the gates accept it."""
    action = Action("act", description, {}, intents=intents)
    semantics = routing_of(replace(INFO, name=agent), action)
    assert list(routing_violations("it", semantics)) == []
    assert normalized_routing(semantics) == semantics


@pytest.mark.contract("Routing: an author's own are normalised, then checked")
def test_own_semantics_are_normalised() -> None:
    """Trimmed, domains in lower case, blanks dropped, sorted."""
    action = Action("range", "Query.", {}, routing_semantics=OWN)
    assert check_plugin(INFO, PluginSchema([action])) == []
    assert routing_of(INFO, action) == RoutingSemantics(
        accepted_intent_domains=["core.analyze.metrics", "core.observe.metrics.query"],
        capability_domain="core.observe.metrics.query.range",
        positive_use_cases=["Compare ranges", "Query a Range"],
        negative_use_cases=["Delete"],
        signal_domains=["core.signal.metrics"],
        backend_domains=["core.backend.victoriametrics"],
        entity_types=["core.entity.metric", "core.entity.timeseries"],
    )
    assert OWN.capability_domain == " CORE.observe.metrics.query.range"


def test_every_field_is_normalised() -> None:
    """A field that is added later is not forgotten."""
    given_texts = RoutingSemantics([], "", [])
    for found in fields(RoutingSemantics):
        is_text = isinstance(getattr(given_texts, found.name), str)
        setattr(given_texts, found.name, " A.b " if is_text else ["b.b", " A.b ", ""])
    for found in fields(RoutingSemantics):
        value = getattr(normalized_routing(given_texts), found.name)
        assert " A.b " not in value, found.name
        assert "" not in list(value), found.name


@pytest.mark.contract("Routing: an author's own are normalised, then checked")
@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("positive_use_cases", [" ", ""], "positive_use_cases must contain at least one of"),
        ("accepted_intent_domains", [""], "accepted_intent_domains must contain at least one of"),
        ("entity_types", ["a.b", "A.B"], "entity_types must not contain duplicates"),
        ("capability_domain", "metrics", "capability_domain must be one of the lower-case"),
        ("schema_version", "", 'schema_version must be "mirastack.routing_semantics/v1"'),
        ("signal_domains", [f"a.b{n}" for n in range(65)], "signal_domains must contain at most"),
    ],
)
def test_what_engines_refuse_is_reported(field: str, value: object, problem: str) -> None:
    """With the action and the field."""
    semantics = replace(OWN)
    setattr(semantics, field, value)
    action = Action("range", "Query.", {}, routing_semantics=semantics)
    [violation] = check_plugin(INFO, PluginSchema([action]))
    assert violation.startswith(f'action "range": routing_semantics: {problem}')


@pytest.mark.contract("Routing: the log says at the start which actions have derived ones")
def test_actions_with_derived_semantics_are_known() -> None:
    """Those without their own."""
    own = Action("own", "d", {}, routing_semantics=OWN)
    assert derived_actions(PluginSchema([own, Action("none", "d", {})])) == ["none"]
