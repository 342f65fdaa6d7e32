"""Shapes of types say what is inside them, however deep."""

from dataclasses import dataclass

import pytest
from pydantic import BaseModel, SecretStr

from mirastack_sdk._actions.types.adapters import typed_value


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
