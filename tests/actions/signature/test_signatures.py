"""Declarations are made from signatures, and mistakes are refused with a reason."""

import functools
import inspect
import json
from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import Field

from mirastack_sdk._actions.catalog import AgentFunctions, read_catalog
from mirastack_sdk._actions.options import ActionFunction
from mirastack_sdk._actions.signature.action_parameters import with_format
from mirastack_sdk._actions.types.adapters import typed_value
from tests.actions.signature import (
    golden,
    refused,
    refused_dependencies,
    refused_types,
    scalar_signatures,
)
from tests.actions.signature.refused import REFUSALS, Refusal

PINNED: dict[str, object] = json.loads(golden.PINNED.read_text(encoding="utf-8"))


def test_every_sample_is_pinned() -> None:
    """At least sixty signatures are declared as in `signatures.json`, and none is left out."""
    assert len(PINNED) >= 60
    assert set(PINNED) == set(golden.functions())


@pytest.mark.parametrize("name", PINNED)
def test_is_declared_as_pinned(name: str) -> None:
    """The declaration of a signature; `tests/actions/signature/golden.py` rewrites it."""
    assert golden.described(name) == PINNED[name]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.function.__name__)
def test_is_refused_with_its_location_and_advice(refusal: Refusal) -> None:
    """One sentence names the function's file, line and name, and what to write instead."""
    declared = ActionFunction(function=refusal.function, options=refusal.options)
    (error,) = read_catalog(AgentFunctions(actions=[declared])).errors
    place, _, sentence = error.partition(": ")
    assert sentence == refusal.sentence
    file, line, name = place.replace(" ", ":").split(":")
    modules = (refused, refused_dependencies, refused_types)
    (module,) = (found for found in modules if found.__file__ == file)
    culprit = getattr(module, name)
    assert int(line) == inspect.unwrap(culprit).__code__.co_firstlineno


class Search:
    """Something to call that is no function."""

    def __call__(self, query: str) -> None:
        """Search."""


def test_an_action_without_a_name_is_refused() -> None:
    """An object has no name of its own, and the engine could not ask for the action."""
    function = Search()
    nameless = ActionFunction(function=function, options={})
    (error,) = read_catalog(AgentFunctions(actions=[nameless])).errors
    assert error.endswith(' Search: it has no name to take for the action: pass name="..."')
    named = ActionFunction(function=function, options={"name": "search"})
    assert list(read_catalog(AgentFunctions(actions=[named])).actions) == ["search"]


def test_all_errors_are_reported_at_once() -> None:
    """The errors of one function and of all functions come together."""
    declared = [
        ActionFunction(function=found.function, options=found.options) for found in REFUSALS
    ]
    sentences = [
        error.partition(": ")[2]
        for error in read_catalog(AgentFunctions(actions=list(declared))).errors
    ]
    assert set(sentences) >= {refusal.sentence for refusal in REFUSALS}


def test_two_actions_with_the_same_name_are_refused() -> None:
    """Requests name actions, so names are unique."""
    twice = [ActionFunction(function=scalar_signatures.text, options={})] * 2
    (error,) = read_catalog(AgentFunctions(actions=list(twice))).errors
    assert error.endswith('another action is named "text"')


def test_a_builtin_without_a_signature_is_refused() -> None:
    """Its parameters are unknown."""
    errors = read_catalog(
        AgentFunctions(actions=[ActionFunction(function=dict, options={"description": "It."})])
    ).errors
    assert [error.partition(": ")[2] for error in errors] == [
        "its parameters are unknown: wrap it in a function that declares them"
    ]


def test_names_of_enclosing_functions_are_resolved() -> None:
    """A type may be local to the function that defines the action, if the action uses it."""

    @dataclass
    class Local:
        size: int

    def search(value: "Local") -> int:
        """Search."""
        assert isinstance(value, Local)
        return value.size

    catalog = read_catalog(AgentFunctions(actions=[ActionFunction(function=search, options={})]))
    assert catalog.errors == ()
    schema = catalog.actions["search"].action.input_params["value"]
    assert schema.description == "Format: object {size: integer}"


def test_options_override_the_function() -> None:
    """A name and a description given as options replace the function's."""
    declared = ActionFunction(
        function=scalar_signatures.text, options={"name": "say", "description": "Say something."}
    )
    (planned,) = read_catalog(AgentFunctions(actions=[declared])).actions.values()
    assert (planned.action.name, planned.action.description) == ("say", "Say something.")


def test_partials_and_callable_instances_work() -> None:
    """The function behind them has the types and the docstring; bound arguments are defaults."""

    def search(query: str, limit: int) -> Annotated[int, "How many"]:
        """Search.

        Args:
            query: What to find.
            limit: At most so many.
        """
        return len(query) + limit

    class Searcher:
        """Not for language models."""

        def __call__(self, query: str) -> str:
            """Search again."""
            return query

    partial = ActionFunction(
        function=functools.partial(search, limit=2), options={"name": "search"}
    )
    instance = ActionFunction(function=Searcher(), options={"name": "again"})
    catalog = read_catalog(AgentFunctions(actions=[partial, instance]))
    assert catalog.errors == ()
    action, again = (planned.action for planned in catalog.actions.values())
    assert (action.description, again.description) == ("Search.", "Search again.")
    assert action.input_params["query"].description == "What to find."
    assert action.input_params["limit"].default == "2"
    assert action.output_params["result"].description == "How many"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The port", "The port. Format: <= 65535"),
        ("The port.", "The port. Format: <= 65535"),
        ("Which port?", "Which port? Format: <= 65535"),
        ("The port (TCP)", "The port (TCP). Format: <= 65535"),
        ("The `port`", "The `port`. Format: <= 65535"),
        ("The port: ", "The port: Format: <= 65535"),
        ("Der Hafen für alle", "Der Hafen für alle. Format: <= 65535"),
        ("ポート。", "ポート。 Format: <= 65535"),
        ("ポート", "ポート. Format: <= 65535"),
        ("The port (or none.)", "The port (or none.) Format: <= 65535"),
        ('The "port."', 'The "port." Format: <= 65535'),
        ("**The port!**", "**The port!** Format: <= 65535"),
        ("The price in €", "The price in €. Format: <= 65535"),
        ("A share in %", "A share in %. Format: <= 65535"),
        ("An area in m²", "An area in m². Format: <= 65535"),
        ("The port, see http://logs/", "The port, see http://logs/. Format: <= 65535"),
        ("The port, such as <port>", "The port, such as <port>. Format: <= 65535"),
        ("The port \n", "The port. Format: <= 65535"),
        ("And so on…", "And so on… Format: <= 65535"),
        (" ", "Format: <= 65535"),
        ("", "Format: <= 65535"),
    ],
)
def test_sentences_are_joined_with_a_full_stop(text: str, whole: str) -> None:
    """The author's text and the format are two sentences."""
    shape = typed_value(Annotated[int, Field(le=65535)]).shape
    assert with_format(text, shape) == whole
