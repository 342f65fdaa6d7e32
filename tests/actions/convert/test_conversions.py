"""What language models write becomes what the function wants, or a sentence that helps them."""

import pytest

from mirastack_sdk._actions.convert.arguments import Arguments, convert_parameters
from mirastack_sdk._actions.signature.action_parameters import Parameter
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.types.adapters import typed_value
from mirastack_sdk.plugin import ParamSchema
from tests.actions.convert.bad_texts import BAD
from tests.actions.convert.good_texts import GOOD

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
    """What becomes of the text of one parameter, `x`."""
    return convert_parameters({"x": text}, signature_of(x=kind), exact_names=True)


def test_there_are_many() -> None:
    """At least two hundred conversions are pinned, good and bad."""
    assert len(GOOD_CASES) + len(BAD_CASES) >= 200


@pytest.mark.parametrize(("kind", "text", "value"), GOOD_CASES)
def test_is_converted(kind: object, text: str, value: object) -> None:
    """The text becomes the value, of the very type."""
    found = arguments(text, kind)
    assert found.errors == ()
    assert found.values["x"] == value
    assert type(found.values["x"]) is type(value)


@pytest.mark.parametrize(("kind", "text", "sentences"), BAD_CASES)
def test_is_answered(kind: object, text: str, sentences: tuple[str, ...]) -> None:
    """Each thing that is wrong has its sentence: where, what was expected, what was there."""
    assert arguments(text, kind).errors == sentences


def test_missing_parameters_are_named_all_at_once() -> None:
    """Everything that is missing or wrong is answered together."""
    signature = signature_of(a=int, b=str, c=list[int])
    found = convert_parameters({"c": "x"}, signature, exact_names=False)
    assert found.errors == (
        "a is required: expected integer",
        "b is required: expected string",
        'c[0]: expected integer, got "x"',
    )


def test_what_is_left_out_keeps_its_default() -> None:
    """A parameter that is not given, or null, is left to the function where it has a default."""
    signature = signature_of(required=False, a=int, b=bool)
    found = convert_parameters({"a": ""}, signature, exact_names=False)
    assert (found.values, found.errors) == ({}, ())


def test_a_slip_is_a_complaint() -> None:
    """A name close to a parameter that is not given would change what is done."""
    found = convert_parameters(
        {"limt": "5"}, signature_of(required=False, limit=int), exact_names=False
    )
    assert found.errors == ("limt is not a parameter of this action: did you mean limit?",)


def test_what_is_no_slip_is_left_out_with_a_remark() -> None:
    """An action that only reads runs without what it does not know, and says so."""
    found = convert_parameters({"x": "1", "colour": "red"}, signature_of(x=int), exact_names=False)
    assert found.errors == ()
    assert found.notes == (
        "colour was ignored because it is not a parameter of this action: its parameters are x",
    )


def test_an_action_that_changes_something_takes_nothing_unknown() -> None:
    """`dryrun=true` must not restart anything for want of a `dry_run`."""
    found = convert_parameters({"x": "1", "dryrun": "true"}, signature_of(x=int), exact_names=True)
    assert found.errors == ("dryrun is not a parameter of this action: its parameters are x",)


def test_the_actions_name_is_no_unknown_parameter() -> None:
    """Requests carry it among the parameters."""
    found = convert_parameters({"action": "search"}, signature_of(), exact_names=True)
    assert (found.errors, found.notes) == ((), ())


def test_no_sentence_shows_more_than_eighty_characters_of_a_value() -> None:
    """Megabytes of a wrong value do not come back."""
    (sentence,) = arguments("y" * 1_000_000, int).errors
    assert len(sentence) < 120


def test_a_list_of_mistakes_is_not_endless() -> None:
    """A thousand wrong items are ten sentences and a number."""
    found = arguments(",".join(f"a{number}" for number in range(1000)), list[int]).errors
    assert len(found) == 11
    assert found[0] == 'x[0]: expected integer, got "a0"'
    assert found[-1] == "and 990 more of the kind"


def test_depth_is_answered() -> None:
    """A value nested without end ends in a sentence."""
    found = arguments("[" * 100_000, list[object])
    assert len(found.errors) == 1
