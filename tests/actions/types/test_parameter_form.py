"""A value that is passed to an action directly has the form in which an engine would send it."""

import dataclasses

import pytest

from mirastack_sdk._actions.types.parameter_form import parameter_form
from mirastack_sdk.agent import Secret


@dataclasses.dataclass
class Login:
    """A dataclass with a secret."""

    user: str
    token: Secret[str]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (["b", "a", "b"], ["b", "a", "b"]),
        (("b", "a"), ["b", "a"]),
        ({"b", "a"}, {"a", "b"}),
        (frozenset({1}), [1]),
        ({"names": ["b", "a"]}, {"names": ["b", "a"]}),
    ],
    ids=["list", "tuple", "set", "numbers", "inside"],
)
def test_collections_keep_their_order(value: object, form: object) -> None:
    """Only a set of texts stays a set, as it has no order."""
    assert parameter_form(value, reveal=True) == form


def test_secrets_are_revealed_only_if_asked_for() -> None:
    """A call passes them on; a message does not show them."""
    token = Secret("s3cret")
    login = Login("eve", token)
    assert parameter_form([login], reveal=True) == [{"user": "eve", "token": "s3cret"}]
    assert parameter_form([login], reveal=False) == [{"user": "eve", "token": token}]
