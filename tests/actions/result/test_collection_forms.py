"""What is in a collection has its declared form, whichever kind of collection it is."""

import dataclasses
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated

import pytest
from pydantic import Field
from pydantic_core import core_schema

from mirastack_sdk._actions.result.declared_form import form_of
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.adapters import type_adapter

Excluded = Annotated[str, Field(exclude=True)]


@dataclasses.dataclass(frozen=True)
class Key:
    """A class whose objects a set may contain."""

    user: str = "eve"
    password: Excluded = "s3cret"


WRITTEN = {"user": "eve"}
ANYTHING: Mapping[str, tuple[core_schema.CoreSchema, object, object]] = {
    "list": (core_schema.list_schema(), [Key()], [WRITTEN]),
    "set": (core_schema.set_schema(), {Key()}, [WRITTEN]),
    "frozenset": (core_schema.frozenset_schema(), frozenset({Key()}), [WRITTEN]),
    "generator": (core_schema.GeneratorSchema(type="generator"), [Key()], [WRITTEN]),
    "dict": (core_schema.dict_schema(), {"a": Key()}, {"a": WRITTEN}),
}
COLLECTIONS: list[object] = [[Key()], (Key(),), {Key()}, frozenset({Key()}), {Key(): 1}.keys()]


@pytest.mark.parametrize("name", ANYTHING)
def test_what_is_in_a_collection_of_anything_has_its_form(name: str) -> None:
    """A type that does not say what a collection contains does not send what is excluded there."""
    schema, value, expected = ANYTHING[name]

    class AnySchema:
        def __get_pydantic_core_schema__(self, *_: object) -> core_schema.CoreSchema:
            return schema

    @dataclasses.dataclass
    class Holder:
        found: Annotated[object, AnySchema()]
        password: Excluded = "s3cret"
        since: Annotated[str, Field(serialization_alias="from")] = "now"

    assert json_value(Holder(value)) == {"found": expected, "from": "now"}


@pytest.mark.parametrize("kind", [Iterable[Key], set[Key], frozenset[Key], AbstractSet[Key]])
@pytest.mark.parametrize("value", COLLECTIONS, ids=lambda value: type(value).__name__)
def test_another_collection_than_the_declared_one_has_the_form(kind: type, value: object) -> None:
    """An iterable may be a list, and a set may be a frozen one: what is excluded is not sent."""

    @dataclasses.dataclass
    class Holder:
        found: kind  # type: ignore[valid-type]  # each of the parameters
        password: Excluded = "s3cret"

    assert json_value(value, form_of(type_adapter(kind))) == [WRITTEN]
    assert json_value(Holder(value)) == {"found": [WRITTEN]}
