"""Shapes of types say what is inside them, however deep."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, SecretStr

from mirastack_sdk._actions.types.adapters import typed_value
from mirastack_sdk._actions.types.in_words import in_words


class Tree(BaseModel):
    """A class that contains itself."""

    name: str
    children: "list[Tree]"


class Vault(BaseModel):
    """A class that contains itself and a secret."""

    inner: "Vault | None"
    key: SecretStr


@dataclass
class Ring:
    """A class that contains itself through another."""

    links: "list[Link]"


@dataclass
class Link:
    """The other one."""

    ring: Ring | None


@pytest.mark.parametrize(
    ("kind", "holds_secret"),
    [
        (str, False),
        (SecretStr, True),
        (list[SecretStr], True),
        (dict[str, Vault], True),
        (Tree, False),
        (list[Tree], False),
        (Ring, False),
        (tuple[Tree, Vault], True),
    ],
)
def test_secrets_are_found_in_types_that_contain_themselves(
    kind: object, *, holds_secret: bool
) -> None:
    """A class inside itself is no secret for that, and hides none."""
    shape = typed_value(kind).shape
    assert shape.holds_secret(shape.root) is holds_secret


def test_the_lengths_of_a_union_are_counted_in_what_each_type_has() -> None:
    """A limit of the whole union counts characters, items or entries."""
    kind = Annotated[dict[str, int] | list[int] | str, Field(min_length=2, max_length=5)]
    shape = typed_value(kind).shape
    described = in_words(shape.root, shape)
    assert "at least 2 entries, at most 5 entries" in described
    assert "at least 2 items, at most 5 items" in described
    assert "at least 2 characters, at most 5 characters" in described
