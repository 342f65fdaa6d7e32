"""Defaults in config classes are checked like those of actions, before the agent serves."""

import dataclasses
import enum
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.config.config_loading import load_config
from mirastack_sdk.agent import Secret


class Level(enum.Enum):
    """How much."""

    LOW = "low"


class Weight(enum.IntEnum):
    """How heavy."""

    LIGHT = 1


class Stage(enum.StrEnum):
    """Where."""

    A = "a"


class Right(enum.Flag):
    """What is allowed."""

    READ = 1
    WRITE = 2


class Row(TypedDict):
    """A number."""

    n: int


class Place(NamedTuple):
    """A host."""

    host: str


@dataclasses.dataclass
class Window:
    """How many."""

    rows: int


class Limits(BaseModel):
    """How many."""

    rows: int


def made(value: object) -> object:
    """A default that a factory makes."""
    return dataclasses.field(default_factory=lambda: value)


def _fail() -> int:
    raise RuntimeError("no such file")


def _look_up(secret: SecretStr) -> SecretStr:
    raise KeyError(secret.get_secret_value())


def of_dataclass(kind: object, default: object) -> type:
    """A dataclass with one field."""
    return dataclasses.make_dataclass("Made", [("x", Annotated[kind, "It."], default)])


def of_pydantic_dataclass(kind: object, default: object) -> type:
    """A dataclass of pydantic's with one field."""
    return pydantic_dataclass(of_dataclass(kind, default))


def of_model(kind: object, default: object) -> type:
    """A model with one field."""
    if isinstance(default, dataclasses.Field):
        default = Field(default_factory=default.default_factory)  # type: ignore[arg-type] # it has one
    body = {"__annotations__": {"x": Annotated[kind, "It."]}, "__module__": __name__, "x": default}
    return type("Made", (BaseModel,), body)


MAKERS = (of_dataclass, of_pydantic_dataclass, of_model)
type Maker = Callable[[object, object], type]

WRONG: dict[str, tuple[object, object, str]] = {
    "boolean": (bool, "no", "stays the text 'no', because defaults are not converted: write False"),
    "number": (int, "5", "stays the text '5', because defaults are not converted: write 5"),
    "duration": (timedelta, "PT5M", "write datetime.timedelta(seconds=300)"),
    "seconds": (
        timedelta,
        5,
        "stays 5, because defaults are not converted: write datetime.timedelta(seconds=5)",
    ),
    "bytes": (str, b"a", "stays b'a', because defaults are not converted: write 'a'"),
    "whole-number": (Weight, 1, "stays 1, because defaults are not converted: write <Weight.LIGHT"),
    "secret-number": (Secret[int], 5, "stays of type int, because defaults are not converted"),
    "path": (Path, "/a", "write PosixPath('/a')"),
    "enumeration": (Level, "low", "write <Level.LOW: 'low'>"),
    "optional": (int | None, "5", "write 5"),
    "secret": (Secret[str], "s3cret", "stays text, because defaults are not converted: use Secret"),
    "pydantic-secret": (SecretStr, "s3cret", "use SecretStr"),
    "another-type": (int, "five", 'the default of "x" does not match its type: integer'),
    "limit": (Annotated[int, Field(ge=1)], 0, 'the default of "x" does not match its type'),
    "choice": (Literal["a"], "b", 'the default of "x" does not match its type: "a"'),
    "none": (int, None, 'the default of "x" does not match its type: integer'),
    "date": (date, "2026-04-08", "write datetime.date(2026, 4, 8)"),
    "decimal": (Decimal, "1.10", "write Decimal('1.10')"),
    "text-enumeration": (Stage, "a", "write <Stage.A: 'a'>"),
    "flags": (Right, 3, "write <Right.READ|WRITE: 3>"),
    "optional-boolean": (bool | None, "no", "stays the text 'no'"),
    "item": (
        list[int],
        made(["5"]),
        "a part of the default of \"x\" stays the text '5', because defaults are not converted",
    ),
    "entry": (dict[str, bool], made({"a": "no"}), "stays the text 'no'"),
    "key": (dict[int, str], made({"5": "a"}), "stays the text '5'"),
    "item-of-a-set": (set[int], made({"5"}), "stays the text '5'"),
    "nested": (dict[str, list[Path]], made({"a": ["/a"]}), "write PosixPath('/a')"),
    "member": (Row, made({"n": "5"}), "stays the text '5'"),
    "secret-item": (list[Secret[str]], made(["s3cret"]), "stays text, because"),
    "dict-for-a-class": (Window, made({"rows": 1}), "stays {'rows': 1}"),
    "dict-for-a-model": (Limits, made({"rows": 1}), "stays {'rows': 1}"),
    "tuple-for-a-named-one": (Place, ("a",), "write Place(host='a')"),
    "list-for-a-set": (set[str], made(["a"]), "stays ['a']"),
    "made": (bool, made("no"), "stays the text 'no'"),
    "failing-validator": (
        Annotated[int, AfterValidator(lambda value: 1 // (value - 1))],
        1,
        'the default of "x" cannot be checked',
    ),
    "validator-of-a-secret": (
        Annotated[SecretStr, AfterValidator(_look_up)],
        SecretStr("s3cret"),
        'the default of "x" cannot be checked: KeyError',
    ),
}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_default_is_refused(make: Maker, case: str) -> None:
    """`verify: bool = "no"` would be true; no sentence shows a secret."""
    kind, default, sentence = WRONG[case]
    (error,) = read_config(make(kind, default)).errors
    assert sentence in error
    assert "s3cret" not in error


RIGHT: dict[str, tuple[object, object]] = {
    "text": (str, "5"),
    "union-with-text": (int | str, "5"),
    "literal": (Literal["a"], "a"),
    "float": (float, 5),
    "none": (str | None, None),
    "tuple-for-a-sequence": (tuple[str, ...], ("a",)),
    "secret": (Secret[str], Secret("a")),
    "flags": (Right, Right.READ | Right.WRITE),
    "tuple-for-a-list": (list[int], (1, 2)),
    "named-tuple": (Place, Place("a")),
    "empty-tuple": (tuple[int, ...], ()),
    "whole-float": (float, 5.0),
}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("case", RIGHT)
def test_a_right_default_is_accepted(make: Maker, case: str) -> None:
    """It is used as it is."""
    kind, default = RIGHT[case]
    plan = read_config(make(kind, default))
    assert plan.errors == ()
    assert vars(load_config(plan, {}, {}).config)["x"] == default


@pytest.mark.parametrize(
    ("make", "default"),
    [
        (of_dataclass, dataclasses.field(default_factory=_fail)),
        (of_pydantic_dataclass, dataclasses.field(default_factory=_fail)),
        (of_model, Field(default_factory=_fail)),
    ],
)
def test_a_factory_that_fails_is_named(make: Maker, default: object) -> None:
    """The error has the class's place, the field and the reason, and no traceback."""
    (error,) = read_config(make(int, default)).errors
    assert error.endswith('the default of "x" cannot be made: no such file')


def test_a_default_that_pydantic_converts_is_accepted() -> None:
    """`validate_default` converts it, in the field or in the class."""

    class ByField(BaseModel):
        x: Annotated[bool, "It."] = Field(default="no", validate_default=True)

    class ByClass(BaseModel):
        model_config = ConfigDict(validate_default=True)
        x: Annotated[bool, "It."] = "no"  # type: ignore[assignment] # converted

    for kind in (ByField, ByClass):
        plan = read_config(kind)
        assert plan.errors == ()
        assert vars(load_config(plan, {}, {}).config) == {"x": False}


def test_a_factory_that_takes_other_fields_is_accepted() -> None:
    """Its default is made for each config."""

    class Derived(BaseModel):
        host: Annotated[str, "Where."] = "a"
        url: Annotated[str, "The URL."] = Field(
            default_factory=lambda data: f"http://{data['host']}"
        )

    plan = read_config(Derived)
    assert plan.errors == ()
    found = load_config(plan, {"host": "b"}, {})
    assert vars(found.config) == {"host": "b", "url": "http://b"}
