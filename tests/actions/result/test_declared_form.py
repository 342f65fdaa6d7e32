"""What a type declares for JSON is what is sent: exclusions, aliases, serializers."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

import pytest
from pydantic import (
    Base64Bytes,
    Base64Str,
    Base64UrlBytes,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    SecretStr,
    SerializationInfo,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    WrapSerializer,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from mirastack_sdk._actions.result.declared_form import form_of
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.adapters import type_adapter
from mirastack_sdk.results import ResultError
from tests.actions.agents import new_agent

Excluded = Annotated[str, Field(exclude=True)]


@dataclasses.dataclass
class Plain:
    """A dataclass of the standard library."""

    user: str = "eve"
    password: Excluded = "s3cret"
    since: Annotated[str, Field(serialization_alias="from")] = "now"
    rows: Annotated[int, PlainSerializer(lambda rows: f"{rows} rows", return_type=str)] = 2


@pydantic_dataclass
class Checked:
    """A dataclass of pydantic's."""

    user: str = "eve"
    password: str = Field(default="s3cret", exclude=True)

    @computed_field
    def twice(self) -> str:
        """The user, twice."""
        return self.user * 2

    @field_serializer("user")
    def _in_capitals(self, user: str) -> str:
        return user.upper()


class Account(BaseModel):
    """A model."""

    user: str = Field(default="eve", serialization_alias="userName")
    password: str = Field(default="s3cret", exclude=True)
    token: str = "t0ken"
    parent: "Account | None" = None
    note: str | None = Field(default=None, exclude_if=lambda note: note is None)

    @field_serializer("token", when_used="json")
    def _hidden(self, token: str, info: SerializationInfo) -> str:
        return f"{len(token)} characters in {info.mode}"

    @computed_field
    def owner(self) -> Plain:
        """Whose it is."""
        return Plain()


class Admin(Account):
    """A model with more than is declared."""

    rights: str = "all"


class Row(TypedDict):
    """A dictionary with declared keys."""

    user: str
    password: Excluded


class Wrapped(BaseModel):
    """A model with a serializer of its own."""

    rows: list[Plain] = [Plain()]

    @model_serializer(mode="wrap")
    def _with_count(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {"count": len(self.rows), **write(self)}


class Formats(BaseModel):
    """A model whose config chooses the formats."""

    model_config = ConfigDict(ser_json_timedelta="float", ser_json_bytes="hex")
    wait: timedelta = timedelta(seconds=5)
    data: bytes = b"\xff"


class Guarded(BaseModel):
    """A model with validators around it."""

    user: str = "eve"
    token: SecretStr = SecretStr("t0ken")
    password: Excluded = "s3cret"

    @model_validator(mode="before")
    @classmethod
    def _first(cls, value: object) -> object:
        return value

    @model_validator(mode="after")
    def _last(self) -> "Guarded":
        return self


class Rows(RootModel[list[Account]]):
    """A list with a name."""


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"] = "cat"
    chip: Excluded = "c1"


class Dog(BaseModel):
    """The other one."""

    kind: Literal["dog"] = "dog"
    chip: Excluded = "d1"


class Animal(BaseModel):
    """What is written as its own class."""

    legs: int = 2


class Bird(Animal):
    """One that sings."""

    song: str = "tweet"
    chip: Excluded = "b1"


type Tree = list[Tree] | Cat


class Pets(BaseModel):
    """Models inside unions, collections and recursive types."""

    one: Cat | Dog = Dog()
    tagged: Annotated[Cat | Dog, Field(discriminator="kind")] = Dog()
    named: dict[str, list[Cat]] = {"a": [Cat()]}
    tree: Tree = [[Cat()]]
    shorter: list[Cat] | dict[str, Cat] | str = {"a": Cat()}
    anything: object = (Cat(), {"a": Dog()})
    exact: SerializeAsAny[Animal] = Bird()
    wrapped: Annotated[list[Cat], WrapSerializer(lambda cats, write: [*write(cats), "more"])] = [
        Cat()
    ]


PLAIN = {"user": "eve", "from": "now", "rows": "2 rows"}
ACCOUNT: Mapping[str, object] = {
    "userName": "eve",
    "token": "5 characters in json",
    "parent": None,
    "owner": PLAIN,
}
ROW: Row = {"user": "eve", "password": "s3cret"}


class Pair(NamedTuple):
    """A tuple with a declared dictionary."""

    row: Row


WRITTEN: dict[str, tuple[object, object, object]] = {
    "dataclass": (Plain, Plain(), PLAIN),
    "pydantic-dataclass": (Checked, Checked(), {"user": "EVE", "twice": "eveeve"}),
    "model": (Account, Account(note="n"), {**ACCOUNT, "note": "n"}),
    "recursive-model": (Account, Account(parent=Account()), {**ACCOUNT, "parent": ACCOUNT}),
    "subclass": (Account, Admin(), ACCOUNT),
    "subclass-inside": (list[Account], [Admin()], [ACCOUNT]),
    "typed-dict": (Row, ROW, {"user": "eve"}),
    "list-of-typed-dicts": (list[Row], [ROW], [{"user": "eve"}]),
    "generator-for-a-list": (list[Row], (row for row in [ROW]), [{"user": "eve"}]),
    "tuple-for-a-list": (list[Row], (ROW,), [{"user": "eve"}]),
    "list-for-a-tuple": (tuple[Row, ...], [ROW], [{"user": "eve"}]),
    "sequence": (Sequence[Row], [ROW], [{"user": "eve"}]),
    "iterable": (Iterable[Row], iter([ROW]), [{"user": "eve"}]),
    "mapping": (dict[str, Row], MappingProxyType({"a": ROW}), {"a": {"user": "eve"}}),
    "mapping-for-a-typed-dict": (Row, MappingProxyType(ROW), {"user": "eve"}),
    "optional": (Row | None, ROW, {"user": "eve"}),
    "named-tuple": (Pair, Pair(ROW), [{"user": "eve"}]),
    "alias-of-a-type": (Annotated[int, PlainSerializer(str, return_type=str)], 5, "5"),
    "own-serializer": (Wrapped, Wrapped(), {"count": 1, "rows": [PLAIN]}),
    "formats": (Formats, Formats(), {"wait": 5.0, "data": "ff"}),
    "base64": (Base64Bytes, b"\xff\xfe", "//4="),
    "base64-of-text": (Base64Str, "hi", "aGk="),
    "base64-inside": (list[Base64UrlBytes], [b"\xff\xfe"], ["__4="]),
    "validators": (Guarded, Guarded(), {"user": "eve", "token": "**********"}),
    "validators-inside": (list[Guarded], [Guarded()], [{"user": "eve", "token": "**********"}]),
    "root-model": (Rows, Rows([Account()]), [ACCOUNT]),
    "bare-dict": (dict, {"a": Account()}, {"a": ACCOUNT}),
    "bare-list": (list, [Account()], [ACCOUNT]),
    "pets": (
        Pets,
        Pets(),
        {
            "one": {"kind": "dog"},
            "tagged": {"kind": "dog"},
            "named": {"a": [{"kind": "cat"}]},
            "tree": [[{"kind": "cat"}]],
            "shorter": {"a": {"kind": "cat"}},
            "anything": [{"kind": "cat"}, {"a": {"kind": "dog"}}],
            "exact": {"legs": 2, "song": "tweet"},
            "wrapped": [{"kind": "cat"}, "more"],
        },
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_declared_form_is_sent(case: str) -> None:
    """Nothing that is excluded is sent, and everything has its declared name and form."""
    kind, value, expected = WRITTEN[case]
    assert json_value(value, form_of(type_adapter(kind))) == expected


@pytest.mark.parametrize(
    "case", ["dataclass", "pydantic-dataclass", "model", "validators", "own-serializer"]
)
def test_the_class_counts_without_an_annotation(case: str) -> None:
    """A value without a declared type is written as its class declares it, as pydantic does."""
    kind, value, expected = WRITTEN[case]
    assert json_value({"found": [value]}) == {"found": [expected]}
    assert type_adapter(kind).dump_python(value, mode="json", by_alias=True) == expected


def test_values_keep_the_formats_of_the_contract() -> None:
    """Inside a model, times are in UTC and bytes are base64, as everywhere."""

    class Seen(BaseModel):
        at: datetime = datetime(2026, 4, 8, tzinfo=UTC).replace(tzinfo=None)
        data: bytes = b"\xff"
        hidden: Excluded = "x"

    assert json_value(Seen()) == {"at": "2026-04-08T00:00:00Z", "data": "/w=="}


def test_the_part_that_fails_is_named() -> None:
    """The path leads through models, also to a serializer that raises."""

    class Measured(BaseModel):
        values: list[float] = [float("nan")]
        hidden: Excluded = "x"

    class Failing(BaseModel):
        rows: int = 1

        @field_serializer("rows")
        def _write(self, rows: int) -> int:
            raise ValueError(f"no {rows}")

    with pytest.raises(ResultError, match=r"^a\[0\]\.values\[0\] is NaN"):
        json_value({"a": [Measured()]})
    with pytest.raises(ResultError, match=r"^a\[0\] cannot be written as JSON: .*no 1"):
        json_value({"a": [Failing()]})


def test_a_class_that_pydantic_cannot_describe_keeps_its_exclusions() -> None:
    """A field of an unknown type does not bring the password back."""

    class Client:
        pass

    @dataclasses.dataclass
    class Connected:
        client: Client | None = None
        password: Excluded = "s3cret"

    assert json_value(Connected()) == {"client": None}


def test_a_class_with_undefined_names_keeps_its_fields() -> None:
    """A name that only type checkers know does not keep a dataclass from being written."""
    kind = dataclasses.make_dataclass("Row", [("n", "Undefined"), ("at", int)])
    assert json_value(kind(1, 2)) == {"n": 1, "at": 2}


async def test_the_declaration_of_an_action_is_its_result() -> None:
    """The output parameter and the result have the same fields, also for streams."""
    agent = new_agent()

    @agent.action
    async def rows() -> list[Row]:
        """List rows."""
        return [ROW]

    @agent.action
    async def stream() -> Iterable[Row]:
        """List rows."""
        return iter([ROW])

    @agent.action
    def generate() -> Iterable[Row]:
        """List rows."""
        yield ROW

    for name in ("rows", "stream", "generate"):
        found = await agent.call(name)
        assert found.value == [{"user": "eve"}]
        assert all("s3cret" not in str(partial) for partial in found.partials)
    for action in agent.schema().actions:
        assert action.output_params["result"].description.endswith("object {user: string}")
