"""What is in a collection has its declared form, whichever kind of collection it is."""

import dataclasses
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, WrapSerializer, computed_field
from pydantic_core import core_schema
from typing_extensions import TypedDict

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


class Model(BaseModel):
    """A model that excludes a field."""

    user: str = "eve"
    password: str = Field(default="s3cret", exclude=True)


class Row(TypedDict):
    """A dictionary that excludes a key."""

    user: str
    password: Excluded


@dataclasses.dataclass
class Nested:
    """Classes in a class."""

    model: Model
    keys: list[Key]
    password: Excluded = "s3cret"


class Wrapping(BaseModel):
    """A model with a serializer that is given a dataclass as it is written."""

    key: Annotated[Key, WrapSerializer(lambda key, write: {"key": write(key)})] = Key()


ROW = {"user": "eve", "password": "s3cret"}
OTHER: Mapping[str, tuple[object, object, object]] = {
    "dict-for-a-model": (Model, ROW, WRITTEN),
    "dict-for-a-dataclass": (Key, ROW, WRITTEN),
    "dict-for-an-optional-class": (Model | None, ROW, WRITTEN),
    "dicts-in-a-list": (list[Model], [ROW], [WRITTEN]),
    "dicts-in-a-dict": (dict[str, Key], {"a": ROW}, {"a": WRITTEN}),
    "dicts-in-a-dict-for-a-class": (
        Nested,
        {"model": ROW, "keys": [ROW], "password": "s3cret"},
        {"model": WRITTEN, "keys": [WRITTEN]},
    ),
    "incomplete-dict": (Nested, {"keys": 5, "password": "s3cret"}, {"keys": 5}),
    "dict-that-does-not-match": (Model, {**ROW, "user": 5}, {"user": 5}),
    "dataclass-for-a-model": (Model, Key(), WRITTEN),
    "model-for-a-dataclass": (Key, Model(), WRITTEN),
    "dataclass-for-a-typed-dict": (Row, Key(), WRITTEN),
    "dataclass-for-a-list": (list[Model], Key(), WRITTEN),
    "dict-for-a-list": (list[Model], {"a": Key()}, {"a": WRITTEN}),
    "dataclass-for-a-dict": (dict[str, Model], Key(), WRITTEN),
    "dataclass-for-a-tuple": (tuple[Model, int], Key(), WRITTEN),
    "dataclass-for-a-set": (set[Key], Model(), WRITTEN),
    "dataclass-for-a-union": (Model | Row, Key(), WRITTEN),
    "wrapped": (Wrapping, Wrapping(), {"key": {"key": WRITTEN}}),
}


@pytest.mark.parametrize("case", OTHER)
def test_a_value_of_another_type_than_the_declared_one_sends_nothing_excluded(case: str) -> None:
    """Authors return what they have, also where they have declared something else."""
    kind, value, expected = OTHER[case]
    assert json_value(value, form_of(type_adapter(kind))) == expected


def test_a_dict_has_the_form_of_the_class_that_is_declared() -> None:
    """Its keys may be the fields' names or their aliases."""

    class Sized(BaseModel):
        size: int = Field(validation_alias="length", serialization_alias="breadth")

        @computed_field
        def twice(self) -> int:
            return self.size * 2

    for name in ("size", "length"):
        written = json_value([{name: 5}], form_of(type_adapter(list[Sized])))
        assert written == [{"breadth": 5, "twice": 10}]
