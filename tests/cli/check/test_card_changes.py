"""Which changes since a baseline break callers."""

import pytest

from mirastack_sdk._cli.check.card import ActionCard, Card, ParamCard
from mirastack_sdk._cli.check.card_changes import changes_since

OLD_NAME = "act"


def param(type_: str = "string", *, required: bool = False, enum: str = "") -> ParamCard:
    return ParamCard(type=type_, required=required, enum=tuple(enum.split()))


def card(
    *,
    name: str = OLD_NAME,
    permission: str = "modify",
    given: ParamCard | None = None,
    output: ParamCard | None = None,
    config: ParamCard | None = None,
) -> Card:
    """An agent with one action that has one input and one output, or none."""
    action = ActionCard(
        permission=permission,
        inputs={} if given is None else {"p": given},
        outputs={} if output is None else {"o": output},
    )
    settings = {} if config is None else {"c": config}
    return Card(name="a", version="1", actions={name: action}, config=settings, templates={})


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (param(), param(), []),
        (param(), None, ["MA803"]),
        (None, param(), ["MA890"]),
        (None, param(required=True), ["MA802"]),
        (param(), param(required=True), ["MA802"]),
        (param(required=True), param(), ["MA890"]),
        (param("integer"), param("number"), ["MA890"]),
        (param("number"), param("integer"), ["MA804"]),
        (param("string"), param("json"), ["MA890"]),
        (param("json"), param("string"), ["MA804"]),
        (param("string"), param("array"), ["MA804"]),
        (param(enum="a b"), param(enum="a b c"), ["MA890"]),
        (param(enum="a b"), param(enum="b a"), []),
        (param(enum="a b"), param(enum="a"), ["MA804"]),
        (param(enum="a b"), param(enum="a c"), ["MA804", "MA890"]),
        (param(enum="a b"), param(), ["MA890"]),
        (param(), param(enum="a b"), ["MA804"]),
    ],
)
def test_changes_of_inputs(old: ParamCard | None, new: ParamCard | None, codes: list[str]) -> None:
    """An input may accept more than before, and not less."""
    assert [each.code for each in changes_since(card(given=old), card(given=new))] == codes


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (param(), None, ["MA806"]),
        (None, param(), ["MA890"]),
        (param("number"), param("integer"), ["MA890"]),
        (param("integer"), param("number"), ["MA807"]),
        (param("json"), param("array"), ["MA890"]),
        (param("array"), param("json"), ["MA807"]),
        (param(required=True), param(), ["MA807"]),
        (param(), param(required=True), []),
    ],
)
def test_changes_of_outputs(old: ParamCard | None, new: ParamCard | None, codes: list[str]) -> None:
    """An output may promise more than before, and not less."""
    assert [each.code for each in changes_since(card(output=old), card(output=new))] == codes


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (param(), None, ["MA808"]),
        (None, param(), ["MA890"]),
        (None, param(required=True), ["MA809"]),
        (param(), param(required=True), ["MA809"]),
        (param("int"), param("integer"), []),
        (param("integer"), param("number"), []),
        (param("string"), param("duration"), ["MA809"]),
    ],
)
def test_changes_of_config(old: ParamCard | None, new: ParamCard | None, codes: list[str]) -> None:
    """Config that operators have stored must stay valid."""
    assert [each.code for each in changes_since(card(config=old), card(config=new))] == codes


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("read", "modify", ["MA805"]),
        ("modify", "admin", ["MA805"]),
        ("admin", "modify", ["MA890"]),
        ("modify", "read", ["MA890"]),
        ("read", "read", []),
    ],
)
def test_changes_of_permissions(old: str, new: str, codes: list[str]) -> None:
    """Callers may need less permission than before, and not more."""
    found = changes_since(card(permission=old), card(permission=new))
    assert [each.code for each in found] == codes


def test_a_renamed_action_is_recognised_by_its_inputs() -> None:
    """The new name is mentioned if there is a new action with the same inputs."""
    old = card(given=param("number", required=True))
    renamed = card(name="do", given=param("number", required=True))
    removed, added = changes_since(old, renamed)
    assert removed.what == "the action was removed; do is new and has the same inputs"
    assert added.code == "MA890"
    other = changes_since(old, card(name="do", given=param("string")))
    assert other[0].what == "the action was removed"
