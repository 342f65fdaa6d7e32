"""The value of a field is the engine's, else the environment's, else the default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.config.config_loading import LoadedConfig, load_config, secrets_in
from mirastack_sdk.agent import Secret
from tests.actions.config.config_classes import (
    AllDefaults,
    Checked,
    Level,
    LogsConfig,
    ModelConfig,
)

NOTHING: Mapping[str, str] = {}


def loaded(
    kind: type, engine: Mapping[str, str] = NOTHING, environ: Mapping[str, str] = NOTHING
) -> LoadedConfig:
    """The config from an engine's values and an environment."""
    return load_config(read_config(kind), engine, environ)


GOOD: dict[str, tuple[str, str, object]] = {
    "text": ("name", "other", "other"),
    "text-kept-as-it-is": ("name", " a ", " a "),
    "empty-text": ("name", "", ""),
    "number": ("rows", "7", 7),
    "number-as-a-float": ("rows", "7.0", 7),
    "blank-number-is-not-set": ("rows", " ", 5),
    "empty-number-is-not-set": ("rows", "", 5),
    "float": ("ratio", "1e-3", 0.001),
    "boolean": ("deep", "yes", True),
    "empty-boolean-is-not-set": ("deep", "", False),
    "enumeration": ("level", "high", Level.HIGH),
    "enumeration-by-name": ("level", "High", Level.HIGH),
    "optional-text": ("label", "a", "a"),
    "optional-null": ("label", "null", None),
    "optional-number": ("most", "4", 4),
    "optional-number-none": ("most", "none", None),
    "empty-optional-number-is-not-set": ("most", "", 3),
    "secret-number": ("pin", "42", Secret(42)),
    "object": ("extra", '{"a": "1"}', {"a": 1}),
}


@pytest.mark.parametrize("case", GOOD)
def test_text_of_the_engine(case: str) -> None:
    """Texts are converted like parameters; a blank text means not set."""
    key, text, value = GOOD[case]
    found = loaded(AllDefaults, {key: text})
    assert (found.wrong, found.missing) == ((), ())
    assert getattr(found.config, key) == value


def test_other_types() -> None:
    """Durations, lists and defaults."""
    found = loaded(LogsConfig, {"url": "u", "retention": "1h30m", "indexes": "a, b"})
    assert found.config == LogsConfig("u", retention=timedelta(minutes=90), indexes=["a", "b"])


PRECEDENCE: dict[str, tuple[dict[str, str], dict[str, str], int]] = {
    "engine-first": ({"rows": "1"}, {"ROWS": "2"}, 1),
    "environment-next": ({}, {"ROWS": "2"}, 2),
    "environment-for-an-empty-text": ({"rows": ""}, {"ROWS": "2"}, 2),
    "default-last": ({}, {}, 5),
    "default-for-a-blank-variable": ({}, {"ROWS": "  "}, 5),
    "key-is-no-variable": ({}, {"rows": "2"}, 5),
}


@pytest.mark.parametrize("case", PRECEDENCE)
def test_precedence(case: str) -> None:
    """The engine's value wins over the environment's, and that over the default."""
    engine, environ, rows = PRECEDENCE[case]
    found = loaded(AllDefaults, engine, environ)
    assert isinstance(found.config, AllDefaults)
    assert found.config.rows == rows


def test_an_empty_text_does_not_set_a_required_field() -> None:
    """An operator who left it empty has not set it."""
    assert loaded(LogsConfig, {"url": ""}).missing == (
        (
            "url is required: expected string; "
            "set it in the engine, or set VLOGS_URL in the agent's environment"
        ),
    )
    assert loaded(LogsConfig, {"url": ""}, {"VLOGS_URL": "u"}).config == LogsConfig("u")


def test_a_model_uses_its_aliases() -> None:
    """Aliases and trailing underscores work, and its validators run."""
    config = {"url": "http://a", "from": "you", "other-name": "y", "password": "pw"}
    found = loaded(ModelConfig, config, {"RETRIES": "3"}).config
    assert isinstance(found, ModelConfig)
    assert (found.from_, found.named, found.retries) == ("you", "y", 3)
    assert found.password.get_secret_value() == "pw"


BAD: dict[str, tuple[type, dict[str, str], dict[str, str], list[str]]] = {
    "number": (AllDefaults, {"rows": "many"}, {}, ['rows: expected integer, got "many"']),
    "variable": (
        AllDefaults,
        {},
        {"ROWS": "many"},
        ['ROWS (rows): expected integer, got "many"'],
    ),
    "slip": (
        AllDefaults,
        {"level": "hihg"},
        {},
        ['level: expected "low" | "high", got "hihg"; did you mean high?'],
    ),
    "limit": (
        LogsConfig,
        {"url": "u", "limit": "0"},
        {},
        ["limit: expected integer (>= 1), got 0"],
    ),
    "all-at-once": (
        AllDefaults,
        {"rows": "many", "deep": "perhaps", "ratio": "nan"},
        {},
        [
            'ratio: expected number, got "nan"',
            'rows: expected integer, got "many"',
            'deep: expected boolean, got "perhaps"',
        ],
    ),
    "within": (
        AllDefaults,
        {"extra": '{"a": "b"}'},
        {},
        ['extra.a: expected integer, got "b"'],
    ),
    "secret": (
        AllDefaults,
        {"pin": "hunter2"},
        {},
        ["pin cannot be used: expected integer, got a value that is secret"],
    ),
    "secret-variable": (
        AllDefaults,
        {},
        {"PIN": "hunter2"},
        ["PIN (pin) cannot be used: expected integer, got a value that is secret"],
    ),
    "credentials": (
        ModelConfig,
        {"url": "host", "retries": "https://me:hunter2@host/"},
        {},
        [
            'url: a URL begins with http:// or https://, got "host"',
            'retries: expected integer (<= 9), got "https://[secret]@host/"',
        ],
    ),
    "model": (
        ModelConfig,
        {"url": "host"},
        {},
        ['url: a URL begins with http:// or https://, got "host"'],
    ),
    "together": (
        Checked,
        {"password": "hunter2"},
        {},
        ["user and password go together, got [secret]"],
    ),
    "raised": (Checked, {"user": "raise"}, {}, ["Checked raised RuntimeError: no such user"]),
    "too-deep": (AllDefaults, {"extra": "[" * 100_000}, {}, []),
}


@pytest.mark.parametrize("case", BAD)
def test_invalid_values_are_reported(case: str) -> None:
    """Each sentence names what was set and what was expected, and none shows a secret."""
    kind, engine, environ, sentences = BAD[case]
    found = loaded(kind, engine, environ)
    assert found.config is None
    assert "hunter2" not in " ".join(found.wrong)
    assert sorted(found.wrong) == sorted(sentences) or not sentences
    assert found.wrong


def test_invalid_and_missing_values_are_separate() -> None:
    """One is set and wrong, the other is not set."""
    found = loaded(LogsConfig, {"limit": "many"})
    assert found.wrong == ('limit: expected integer (>= 1), got "many"',)
    assert len(found.missing) == 1


def test_all_secrets_are_found() -> None:
    """Those that were set, and those that the class itself contains."""

    @dataclass
    class Holding:
        listed: list[Secret[str]]
        nested: Checked = field(default_factory=lambda: Checked("me", Secret("b")))
        model: ModelConfig = field(default_factory=lambda: ModelConfig(url="a://", password="c"))  # type: ignore[arg-type] # pydantic converts
        mapped: dict[str, Secret[int]] = field(default_factory=lambda: {"d": Secret(4)})

    assert sorted(secrets_in(Holding([Secret("a")]))) == ["4", "a", "b", "c"]
    assert loaded(AllDefaults, {"pin": "42"}).secrets == ("42",)
