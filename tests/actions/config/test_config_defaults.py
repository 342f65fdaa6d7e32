"""Defaults in config classes are checked like those of actions, before the agent serves."""

import dataclasses
import enum
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.dataclasses import dataclass as pydantic_dataclass

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.config.config_loading import load_config
from mirastack_sdk.agent import Secret


class Level(enum.Enum):
    """How much."""

    LOW = "low"


class Weight(enum.IntEnum):
    """How heavy."""

    LIGHT = 1


def _fail() -> int:
    raise RuntimeError("no such file")


def of_dataclass(kind: object, default: object) -> type:
    """A dataclass with one field."""
    return dataclasses.make_dataclass("Made", [("x", Annotated[kind, "It."], default)])


def of_pydantic_dataclass(kind: object, default: object) -> type:
    """A dataclass of pydantic's with one field."""
    return pydantic_dataclass(of_dataclass(kind, default))


def of_model(kind: object, default: object) -> type:
    """A model with one field."""
    made = {"__annotations__": {"x": Annotated[kind, "It."]}, "__module__": __name__, "x": default}
    return type("Made", (BaseModel,), made)


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
