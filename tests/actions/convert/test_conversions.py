"""Texts of language models become arguments, or sentences that help the model."""

from datetime import UTC, datetime

import pytest

from mirastack_sdk._actions.convert.arguments import Arguments, convert_parameters
from mirastack_sdk._actions.signature.action_parameters import Parameter
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.types.adapters import typed_value
from mirastack_sdk.plugin import ParamSchema
from tests.actions.convert.bad_texts import BAD
from tests.actions.convert.good_texts import GOOD
from tests.actions.time_zones import local_time_zone

GOOD_CASES = [
    pytest.param(kind, text, value, id=f"{getattr(kind, '__name__', kind)}-{text[:20]!r}")
    for kind, cases in GOOD
    for text, value in cases.items()
]
BAD_CASES = [
    pytest.param(kind, text, sentences, id=f"{getattr(kind, '__name__', kind)}-{text[:20]!r}")
    for kind, cases in BAD
    for text, sentences in cases.items()
]


def signature_of(*, required: bool = True, **kinds: object) -> Signature:
    """The signature of a function with these parameters."""
    parameters = {}
    for name, kind in kinds.items():
        value = typed_value(kind)
        schema = ParamSchema(value.shape.wire_type(value.shape.root), required=required)
        parameters[name] = Parameter(name=name, argument=name, value=value, schema=schema)
    return Signature(description="", parameters=parameters, injected={}, output={})


def arguments(text: str, kind: object) -> Arguments:
    """The arguments for the text of one parameter, `x`."""
    return convert_parameters({"x": text}, signature_of(x=kind), exact_names=True)


def test_many_conversions_are_pinned() -> None:
    """At least two hundred conversions are pinned, good and bad."""
    assert len(GOOD_CASES) + len(BAD_CASES) >= 200


@pytest.mark.parametrize(("kind", "text", "value"), GOOD_CASES)
def test_is_converted(kind: object, text: str, value: object) -> None:
    """The text becomes a value of exactly the expected type."""
    found = arguments(text, kind)
    assert found.errors == ()
    assert found.values["x"] == value
    assert type(found.values["x"]) is type(value)


@pytest.mark.parametrize(("kind", "text", "sentences"), BAD_CASES)
def test_is_reported(kind: object, text: str, sentences: tuple[str, ...]) -> None:
    """Each error has a sentence: where it is, what was expected, and what was sent."""
    assert arguments(text, kind).errors == sentences


def test_all_errors_are_reported_at_once() -> None:
    """Missing and wrong parameters are reported together."""
    signature = signature_of(a=int, b=str, c=list[int])
    found = convert_parameters({"c": "x"}, signature, exact_names=False)
    assert found.errors == (
        "a is required: expected integer",
        "b is required: expected string",
        'c[0]: expected integer, got "x"',
    )


def test_omitted_parameters_keep_their_defaults() -> None:
    """A parameter that is missing or null is not passed if it has a default."""
    signature = signature_of(required=False, a=int, b=bool)
    found = convert_parameters({"a": ""}, signature, exact_names=False)
    assert (found.values, found.errors) == ({}, ())


def test_a_misspelled_name_is_an_error() -> None:
    """Ignoring it would change what is done."""
    found = convert_parameters(
        {"limt": "5"}, signature_of(required=False, limit=int), exact_names=False
    )
    assert found.errors == ("limt is not a parameter of this action: did you mean limit?",)


def test_an_unknown_parameter_is_ignored_with_a_note() -> None:
    """An action that only reads runs without it and says so."""
    found = convert_parameters({"x": "1", "colour": "red"}, signature_of(x=int), exact_names=False)
    assert found.errors == ()
    assert found.notes == (
        "colour was ignored because it is not a parameter of this action: its parameters are x",
    )


def test_an_action_that_changes_something_rejects_unknown_parameters() -> None:
    """A misspelled `dryrun=true` must not restart anything."""
    found = convert_parameters({"x": "1", "dryrun": "true"}, signature_of(x=int), exact_names=True)
    assert found.errors == ("dryrun is not a parameter of this action: its parameters are x",)


def test_the_actions_name_is_a_known_parameter() -> None:
    """Requests have it among the parameters."""
    found = convert_parameters({"action": "search"}, signature_of(), exact_names=True)
    assert (found.errors, found.notes) == ((), ())


def test_no_sentence_shows_more_than_eighty_characters_of_a_value() -> None:
    """Megabytes of a wrong value are not sent back."""
    (sentence,) = arguments("y" * 1_000_000, int).errors
    assert len(sentence) < 120


def test_the_number_of_errors_is_limited() -> None:
    """A thousand wrong items give ten sentences and a count."""
    found = arguments(",".join(f"a{number}" for number in range(1000)), list[int]).errors
    assert len(found) == 11
    assert found[0] == 'x[0]: expected integer, got "a0"'
    assert found[-1] == "and 990 more of the kind"


def test_deep_nesting_is_reported() -> None:
    """A value that is nested too deeply gives a sentence."""
    found = arguments("[" * 100_000, list[object])
    assert len(found.errors) == 1


@pytest.mark.parametrize("zone", ["UTC", "IST-5:30", "EST5EDT"])
def test_a_time_without_an_offset_is_in_utc_on_any_machine(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As all times of the engine are, whatever the time zone of the process is."""
    with local_time_zone(zone, monkeypatch):
        found = arguments("2026-04-08T12:00:00", datetime).values["x"]
        assert found == datetime(2026, 4, 8, 12, tzinfo=UTC)
        assert arguments("2026-04-08T12:00:00+02:00", datetime).values["x"] == datetime(
            2026, 4, 8, 10, tzinfo=UTC
        )
