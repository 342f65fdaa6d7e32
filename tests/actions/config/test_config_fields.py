"""The fields of a config class are the parameters that operators can set."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import pytest
from pydantic import BaseModel, Field, SecretStr

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._core.policy.gates import check_info
from mirastack_sdk.agent import Env, Secret
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import ConfigParam
from tests.actions.config.config_classes import (
    AllDefaults,
    Checked,
    LogsConfig,
    ModelConfig,
    agent_with,
)


def params_of(kind: type) -> dict[str, ConfigParam]:
    """The parameters of a config class without errors, by key."""
    plan = read_config(kind)
    assert plan.errors == ()
    return {param.key: param for param in plan.params}


TYPES = {
    (LogsConfig, "url"): ("string", ""),
    (LogsConfig, "token"): ("string", ""),
    (LogsConfig, "limit"): ("integer", "100"),
    (LogsConfig, "level"): ("string", "error"),
    (LogsConfig, "retention"): ("duration", "168h"),
    (LogsConfig, "indexes"): ("array", '["main"]'),
    (AllDefaults, "name"): ("string", "main"),
    (AllDefaults, "rows"): ("integer", "5"),
    (AllDefaults, "ratio"): ("number", "0.5"),
    (AllDefaults, "deep"): ("boolean", "false"),
    (AllDefaults, "level"): ("string", "low"),
    (AllDefaults, "label"): ("string", ""),
    (AllDefaults, "most"): ("integer", "3"),
    (AllDefaults, "pin"): ("integer", ""),
    (AllDefaults, "extra"): ("object", "{}"),
    (ModelConfig, "url"): ("string", ""),
    (ModelConfig, "password"): ("string", ""),
    (ModelConfig, "retries"): ("integer", "2"),
    (ModelConfig, "from"): ("string", "me"),
    (ModelConfig, "other-name"): ("string", "x"),
}


@pytest.mark.parametrize(("kind", "key"), TYPES, ids=lambda part: getattr(part, "__name__", part))
def test_type_and_default(kind: type, key: str) -> None:
    """The type is the closest of the six, and the default is what an operator would write."""
    param = params_of(kind)[key]
    assert (param.type, param.default) == TYPES[kind, key]


DESCRIPTIONS = {
    "url": "Where VictoriaLogs listens. "
    "Required unless VLOGS_URL is set in the agent's environment.",
    "token": "Who the agent is there. "
    "If not set, VLOGS_TOKEN or VLOGS_TOKEN_FILE from the agent's environment is used.",
    "limit": "Rows at most. Format: >= 1. "
    "If not set, VLOGS_LIMIT from the agent's environment is used.",
    "level": "The least level. One of: debug, error.",
    "retention": "How long logs are kept. Format: duration such as 5m, 1h30m or PT5M",
    "indexes": "Which to search. Format: array of string",
}


@pytest.mark.parametrize("key", DESCRIPTIONS)
def test_description(key: str) -> None:
    """The text of the annotation or the docstring, the format, and the environment variable."""
    assert params_of(LogsConfig)[key].description == DESCRIPTIONS[key]


def test_pydantics_descriptions_are_used() -> None:
    """`Field(description=...)` describes a field."""
    assert params_of(ModelConfig)["password"].description == "Its password."


def test_secrets_are_declared() -> None:
    """Our secret type and pydantic's are secret, and no others."""
    secrets = {
        (kind.__name__, key)
        for kind in (LogsConfig, AllDefaults, ModelConfig, Checked)
        for key, param in params_of(kind).items()
        if param.secret
    }
    assert secrets == {
        ("LogsConfig", "token"),
        ("AllDefaults", "pin"),
        ("ModelConfig", "password"),
        ("Checked", "password"),
    }


def test_a_field_that_contains_a_secret_is_secret() -> None:
    """A secret in a list, an optional type or another class makes the whole field secret."""

    @dataclass
    class Account:
        token: Secret[str]

    @dataclass
    class Holding:
        listed: Annotated[list[Secret[str]], "Some."]
        perhaps: Annotated[Secret[str] | None, "One."] = None
        pydantics: Annotated[SecretStr | None, "One."] = None
        nested: Annotated[Account | None, "One."] = None
        plain: Annotated[str, "None."] = ""

    assert [key for key, param in params_of(Holding).items() if param.secret] == [
        "listed",
        "perhaps",
        "pydantics",
        "nested",
    ]


def test_the_default_of_a_secret_is_hidden() -> None:
    """It is neither sent to the engine nor in the text of the declaration."""

    @dataclass
    class Preset:
        token: Annotated[Secret[str], "It."] = Secret("hunter2")

    param = params_of(Preset)["token"]
    assert param.default == ""
    assert "hunter2" not in repr(param)


def test_required_fields() -> None:
    """An operator must set a field that has neither a default nor a variable."""

    @dataclass
    class Mixed:
        bare: Annotated[str, "Bare."]
        elsewhere: Annotated[str, "Elsewhere.", Env("ELSEWHERE")]
        preset: Annotated[str, "Preset."] = ""

    assert [key for key, param in params_of(Mixed).items() if param.required] == ["bare"]


def test_only_constructor_arguments_are_fields() -> None:
    """Class variables and fields with `init=False` are left out."""

    @dataclass
    class Partly:
        shown: Annotated[str, "It."] = ""
        shared: ClassVar[int] = 1
        made: int = field(default=0, init=False)

    assert list(params_of(Partly)) == ["shown"]


def test_info_has_the_config_parameters() -> None:
    """`info()` has the parameters, and they pass the gates."""
    info = agent_with(LogsConfig).info()
    assert [param.key for param in info.config_params] == list(DESCRIPTIONS)
    assert check_info(info) == []


class Opaque:
    """A class that is no config class and that text cannot be converted to."""


@dataclass
class Undescribed:
    """A field without a description."""

    url: str = ""


@dataclass
class Unconvertible:
    """A field whose type no operator can write."""

    client: Annotated[Opaque, "A client."]


@dataclass
class Unfit:
    """A default of another type."""

    rows: Annotated[int, "Rows."] = "many"  # type: ignore[assignment] # on purpose


@dataclass
class TwoVariables:
    """A field with two variables."""

    url: Annotated[str, "It.", Env("A"), Env("B")] = ""


@dataclass
class BlankVariable:
    """A variable without a name."""

    url: Annotated[str, "It.", Env(" ")] = ""


@dataclass
class Anything:
    """A field that accepts anything."""

    url: Annotated[object, "It."] = None


class Twice(BaseModel):
    """Two fields with the same key."""

    url: str = Field(default="", description="It.")
    other: str = Field(default="", alias="url", description="It.")


@dataclass
class Unresolved:
    """A type that does not exist."""

    url: "Annotated[Nowhere, 'It.']"  # type: ignore[name-defined] # noqa: F821 - on purpose


REFUSED: dict[type, str] = {
    Opaque: "it cannot be a config class (it is neither a dataclass",
    Undescribed: '"url" has no description for operators: write ',
    Unconvertible: '"client" is of type Opaque, to which text cannot be',
    Unfit: 'the default of "rows" does not match its type: integer',
    TwoVariables: 'Env of "url" must name one variable, such as Env("BACKEND_URL")',
    BlankVariable: 'Env of "url" must name one variable, such as Env("BACKEND_URL")',
    Anything: 'the type of "url" describes no value: use ',
    Twice: 'two fields have the key "url"',
    Unresolved: "it cannot be a config class (name 'Nowhere' is not defined)",
}


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_is_refused_with_its_location(kind: type) -> None:
    """The start fails with a sentence that names the class's file and line."""
    with pytest.raises(InvalidPluginError) as caught:
        agent_with(kind).schema()
    errors = [violation.partition(": ") for violation in caught.value.violations]
    assert any(found.startswith(REFUSED[kind]) for _, _, found in errors), errors
    assert all(place.startswith(__file__) for place, _, _ in errors)
