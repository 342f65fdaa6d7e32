"""The promises of `Secret`: its value is usable, and is never displayed."""

import copy
import dataclasses
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk.plugin import Secret

HIDDEN = "hunter2-of-the-backend"
STARS = "**********"


@dataclass(frozen=True, slots=True)
class Account:
    """A dataclass with a secret."""

    token: Secret[str]
    pin: Secret[int] = Secret(4711)


class Model(BaseModel):
    """A pydantic model with a secret."""

    token: Secret[str]
    pin: Secret[int] | None = None


SHOWN: dict[str, Callable[[Secret[str]], object]] = {
    "str": str,
    "repr": repr,
    "format": lambda secret: f"{secret}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - as log lines are written
    "list": lambda secret: str([secret]),
    "dataclass": lambda secret: repr(Account(secret)),
    "asdict": lambda secret: str(dataclasses.asdict(Account(secret))),
    "result": lambda secret: json.dumps(json_value({"a": [secret]})),
    "result-dataclass": lambda secret: json.dumps(json_value(Account(secret))),
    "result-model": lambda secret: json.dumps(json_value(Model(token=secret))),
    "model": lambda secret: repr(Model(token=secret)),
    "model-dump": lambda secret: str(Model(token=secret).model_dump()),
    "model-json": lambda secret: Model(token=secret).model_dump_json(),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_is_not_shown(show: Callable[[Secret[str]], object]) -> None:
    """Text and `repr` contain asterisks instead of the value."""
    text = str(show(Secret(HIDDEN)))
    assert HIDDEN not in text
    assert STARS in text


def test_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The value does not appear as an argument of a log line either."""
    logging.getLogger("tests").warning("connecting with %s", Secret(HIDDEN))
    assert "connecting with **********" in caplog.text


def test_is_revealed_on_request() -> None:
    """`reveal` returns the value itself."""
    assert Secret(HIDDEN).reveal() == HIDDEN


def test_compares_by_its_value() -> None:
    """Secrets of equal values are equal and have equal hashes; a bare value is not a secret."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_an_empty_one_is_false() -> None:
    """`if config.token:` is false for an empty secret, which is displayed as empty text."""
    assert Secret("a")
    assert not Secret("")
    assert str(Secret("")) == ""


def test_a_copy_is_itself() -> None:
    """A dataclass that contains a secret can be copied."""
    secret = Secret(HIDDEN)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_is_not_pickled() -> None:
    """Pickling is refused, because a pickle would contain the value."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Account(Secret(HIDDEN)))


def test_has_no_other_attributes() -> None:
    """`vars` finds no attribute that contains the value."""
    with pytest.raises(TypeError):
        vars(Secret(HIDDEN))


def test_pydantic_converts_what_is_within() -> None:
    """Pydantic wraps a text, keeps a secret, and converts the value of either."""
    adapter = TypeAdapter(Secret[int])
    assert adapter.validate_python("5") == Secret(5)
    assert adapter.validate_python(Secret("5")) == Secret(5)
    assert TypeAdapter(Account).validate_python({"token": "a", "pin": "1"}).pin == Secret(1)


def test_pydantic_does_not_show_what_was_within() -> None:
    """The error for a value of the wrong type does not contain the value."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Secret[int]).validate_python(Secret(HIDDEN))
    assert HIDDEN not in str(caught.value)


def test_a_schema_says_that_it_is_written_only() -> None:
    """The JSON schema marks a secret as write-only."""
    schema = TypeAdapter(Secret[int]).json_schema()
    assert schema == {"type": "integer", "writeOnly": True}
    shown = TypeAdapter(Secret[int]).json_schema(mode="serialization")
    assert shown == {"type": "string", "writeOnly": True}
