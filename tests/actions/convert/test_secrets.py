"""Secret parameters arrive as they are, and never appear in errors."""

import enum
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

import pydantic
import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    Json,
    ModelWrapValidatorHandler,
    RootModel,
    SecretBytes,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from mirastack_sdk.agent import Secret
from tests.actions.agents import new_agent
from tests.actions.convert.test_conversions import arguments

HIDDEN = "got a value that is secret"


class Login(BaseModel):
    """Who somebody is."""

    user: str
    password: SecretStr
    tries: int = 0

    @model_validator(mode="after")
    def _known(self) -> "Login":
        if self.user == "nobody":
            raise ValueError(f"nobody has {self.password.get_secret_value()}")
        return self


class Refusing(BaseModel):
    """What is refused before it is read."""

    password: SecretStr

    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, value: object) -> object:
        raise ValueError(f"refused {value}")


@dataclass
class Pin:
    """A secret number."""

    pin: Secret[int]
    tries: int


class Keys(TypedDict):
    """A dictionary with a secret."""

    token: Secret[str]


@dataclass
class Checked:
    """A dataclass that checks itself."""

    token: Secret[str]

    def __post_init__(self) -> None:
        raise ValueError(f"bad {self.token.reveal()}")


class Looked(BaseModel):
    """A model that checks its secret before it is one."""

    token: SecretStr

    @field_validator("token", mode="before")
    @classmethod
    def _check(cls, value: object) -> object:
        raise PydanticCustomError("refused", "no {value}", {"value": value})


class Wrapped(BaseModel):
    """A model with a check around it."""

    token: SecretStr

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, value: object, read: ModelWrapValidatorHandler["Wrapped"]) -> "Wrapped":
        raise AssertionError(f"no {value} for {read(value).token.get_secret_value()}")


class Chain(BaseModel):
    """A recursive model."""

    token: SecretStr
    below: "list[Chain]" = []


class Aliased(BaseModel):
    """A model that reads its secret under another name."""

    token: SecretStr = Field(alias="tok-en", min_length=30)


class Named(RootModel[Secret[int]]):
    """A secret with a name."""


class Stage(enum.Enum):
    """Where."""

    A = "a"


class SecretDay(pydantic.Secret[date]):
    """A date that is shown in another way."""

    def _display(self) -> str:
        return "****/**/**"


class Day(BaseModel):
    """A model with a secret date."""

    day: pydantic.Secret[date]


def _refused(secret: Secret[str]) -> Secret[str]:
    raise ValueError(f"{secret.reveal()} is too easy")


CASES: dict[str, tuple[object, str]] = {
    "limit": (Annotated[SecretStr, Field(min_length=20)], "hunter2"),
    "secret-number": (Secret[int], "hunter2"),
    "secret-choice": (Secret[Literal["hunter"]], "hunter2"),
    "secret-union": (Secret[int | bool], "hunter2"),
    "secret-model": (Secret[Login], '{"user": "u", "password": "p", "tries": "hunter2"}'),
    "secret-list": (Secret[list[int]], "1, hunter2"),
    "validator": (Annotated[Secret[str], AfterValidator(_refused)], "hunter2"),
    "validator-after": (Login, '{"user": "nobody", "password": "hunter2"}'),
    "validator-before": (Refusing, '{"password": "hunter2"}'),
    "broken-json": (Login, '{"user": "u", "password": "hunter2"'),
    "broken-list": (list[Login], '[{"user": "u", "password": "hunter2"}'),
    "no-json": (dict[str, SecretStr], "hunter2"),
    "unknown-member": (Login, '{"user": "u", "password": ["hunter2"], "pasword": "hunter2"}'),
    "item": (list[SecretStr], '[{"a": "hunter2"}]'),
    "item-of-a-tuple": (tuple[str, SecretStr], '["a", "hunter2", "hunter2"]'),
    "entry": (dict[str, SecretStr], '{"a": ["hunter2"]}'),
    "key": (dict[SecretStr, int], '{"hunter2": "x"}'),
    "union": (Login | Pin, '{"user": "u", "pin": "hunter2"}'),
    "optional": (Login | None, "hunter2"),
    "dataclass": (Pin, '{"pin": "hunter2", "tries": 1}'),
    "pydantic-number": (pydantic.Secret[int], "hunter2"),
    "pydantic-date": (pydantic.Secret[date], "hunter2"),
    "pydantic-list": (list[pydantic.Secret[date]], '["hunter2"]'),
    "pydantic-subclass": (SecretDay, "hunter2"),
    "pydantic-model": (
        pydantic.Secret[Login],
        '{"user": "u", "password": "p", "tries": "hunter2"}',
    ),
    "pydantic-field": (Day, '{"day": "hunter2"}'),
    "bytes": (Annotated[SecretBytes, Field(max_length=2)], "hunter2"),
    "typed-dict": (Keys, '{"token": ["hunter2"]}'),
    "typed-dict-misspelt": (Keys, '{"tokn": "hunter2"}'),
    "post-init": (Checked, '{"token": "hunter2"}'),
    "field-validator": (Looked, '{"token": "hunter2"}'),
    "wrap-validator": (Wrapped, '{"token": "hunter2"}'),
    "recursive": (Chain, '{"token": "a", "below": [{"token": ["hunter2"]}]}'),
    "recursive-no-list": (Chain, '{"token": "a", "below": "hunter2"}'),
    "alias": (Aliased, '{"tok-en": "hunter2"}'),
    "name-in-place-of-the-alias": (Aliased, '{"token": "hunter2"}'),
    "root": (Named, "hunter2"),
    "choice-of-an-enumeration": (Secret[Stage], "hunter2"),
    "duration": (Secret[timedelta], "hunter2"),
    "base64": (Secret[bytes], "hunter2%"),
    "json": (Json[Keys], '{"token": ["hunter2"]}'),
    "secret-json": (Secret[Json[list[int]]], '["hunter2"]'),
    "key-of-a-secret-object": (Secret[dict[str, int]], '{"hunter2": "x"}'),
    "list-by-commas": (tuple[int, Secret[int]], "1, hunter2"),
    "too-many": (Annotated[list[SecretStr], Field(max_length=1)], '["hunter2", "hunter2"]'),
    "too-deep": (list[SecretStr], "[" * 100_000 + "hunter2"),
}


@pytest.mark.parametrize("case", CASES)
def test_no_error_shows_a_secret(case: str) -> None:
    """Whatever is wrong with a secret or around it, its value is not shown."""
    kind, text = CASES[case]
    errors = arguments(text, kind).errors
    assert errors
    assert "hunter2" not in " ".join(errors)


def test_what_is_not_secret_is_shown() -> None:
    """The model needs the wrong value beside a secret, and the kind of the secret one."""
    assert arguments('{"pin": "hunter2", "tries": "y"}', Pin).errors == (
        f"x.pin: expected integer, {HIDDEN}",
        'x.tries: expected integer, got "y"',
    )
    assert arguments('{"user": "nobody", "password": "hunter2"}', Login).errors == (
        f"x: nobody has [secret], {HIDDEN}",
    )


async def test_a_call_by_name_passes_secrets_themselves() -> None:
    """A test calls with the values that the engine would send, also inside models and lists."""
    agent = new_agent()

    @agent.action
    async def log_in(token: Secret[str], login: Login, pins: list[Pin], key: SecretStr) -> bool:
        """Log in."""
        assert login.password.get_secret_value() == "b"
        return token.reveal() == "a" and pins == [Pin(Secret(5), 1)] and len(key) == 1

    found = await agent.call(
        "log_in",
        token=Secret("a"),
        login=Login(user="u", password=SecretStr("b")),
        pins=[Pin(Secret(5), 1)],
        key=SecretStr("c"),
    )
    assert found.value is True


async def test_a_call_by_name_passes_fields_by_the_names_that_are_read() -> None:
    """Aliases for results and exclusions are not for parameters."""
    agent = new_agent()

    class Part(BaseModel):
        size: int = Field(validation_alias="length", serialization_alias="breadth")
        hidden: Annotated[str, Field(exclude=True)] = ""

    @agent.action
    async def measure(parts: list[Part]) -> str:
        """Measure."""
        return f"{parts[0].size} {parts[0].hidden}"

    part = Part.model_validate({"length": 5, "hidden": "x"})
    assert (await agent.call("measure", parts=[part])).value == "5 x"
