"""Fields that are set under another name than their own."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated

import pytest
from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    with_config,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_settings import BaseSettings, SettingsConfigDict

from mirastack_sdk._actions.config.config_fields import read_config
from mirastack_sdk._actions.config.config_loading import LoadedConfig, load_config
from mirastack_sdk.agent import Env

CHOICES = AliasChoices(AliasPath("backend", 0), "endpoint", "address")


class Aliased(BaseModel):
    """A model whose fields have aliases of each kind."""

    a: Annotated[int, "A."] = Field(validation_alias="aa")
    b: Annotated[int, "B."] = Field(alias="bb", validation_alias="bbb")
    c: Annotated[int, "C."] = Field(validation_alias=CHOICES)
    d: Annotated[int, "D."] = Field(alias="dd")
    e: Annotated[int, "E."] = Field(serialization_alias="ee")


@pydantic_dataclass
class AliasedDataclass:
    """A dataclass of pydantic's whose fields have aliases."""

    a: Annotated[int, "A."] = Field(validation_alias="aa")
    c: Annotated[int, "C."] = Field(validation_alias=CHOICES)
    d: Annotated[int, "D."] = Field(default=5, alias="dd")
    made: int = dataclasses.field(init=False, default=1)


@dataclasses.dataclass
class AliasedPlainDataclass:
    """A dataclass of Python's whose fields have aliases."""

    a: Annotated[int, "A.", Field(validation_alias="aa")]
    c: Annotated[int, "C.", Field(validation_alias=CHOICES)]
    d: Annotated[int, "D.", Field(alias="dd")] = 5
    e: Annotated[int, "E."] = 6


@with_config(ConfigDict(alias_generator=str.upper))
@dataclasses.dataclass
class GeneratedPlainDataclass:
    """A dataclass of Python's that generates its aliases."""

    a: Annotated[int, "A."]


class Generated(BaseModel):
    """A model that generates its aliases."""

    model_config = ConfigDict(alias_generator=str.upper)
    a: Annotated[int, "A."]


class ByName(BaseModel):
    """A model that takes names and aliases."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    a: Annotated[int, "A."] = Field(alias="aa")


class Camel(BaseModel):
    """A model with a generator for what is read alone."""

    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_camel))
    base_url: Annotated[int, "A."]


class Below(Camel):
    """A subclass, whose own alias counts more than the generator's."""

    rows: Annotated[int, "B."] = Field(alias="row-count")


class OnlyNames(BaseModel):
    """A model whose aliases are not for reading."""

    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    a: Annotated[int, "A."] = Field(alias="aa")


@with_config(ConfigDict(validate_by_alias=False, validate_by_name=True))
@dataclasses.dataclass
class OnlyNamesInDataclass:
    """A dataclass whose aliases are not for reading."""

    a: Annotated[int, "A.", Field(alias="aa")]


class Closed(BaseModel):
    """A model that refuses other keys, and may not be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    a: Annotated[int, "A.", Field(alias="a-a")]


@dataclasses.dataclass(slots=True, frozen=True, kw_only=True)
class Slotted:
    """A dataclass with slots."""

    a: Annotated[int, "A.", Field(validation_alias=AliasChoices("first", "second"))]


@dataclasses.dataclass
class BelowSlotted(AliasedPlainDataclass):
    """A subclass of a dataclass with aliases."""

    f: Annotated[int, "F.", Field(alias="ff")] = 7


class Swapped(BaseModel):
    """Two fields, each with the other's name."""

    a: Annotated[int, "A."] = Field(alias="b")
    b: Annotated[int, "B."] = Field(alias="a")


KEYS: dict[type, list[str]] = {
    Camel: ["baseUrl"],
    Below: ["baseUrl", "row-count"],
    OnlyNames: ["a"],
    OnlyNamesInDataclass: ["a"],
    Closed: ["a-a"],
    Slotted: ["first"],
    BelowSlotted: ["aa", "endpoint", "dd", "e", "ff"],
    Swapped: ["b", "a"],
    Aliased: ["aa", "bbb", "endpoint", "dd", "e"],
    AliasedDataclass: ["aa", "endpoint", "dd"],
    AliasedPlainDataclass: ["aa", "endpoint", "dd", "e"],
    Generated: ["A"],
    GeneratedPlainDataclass: ["A"],
    ByName: ["aa"],
}


def field_names(kind: type) -> list[str]:
    """The fields of a config class that can be set."""
    if issubclass(kind, BaseModel):
        return list(kind.model_fields)
    assert dataclasses.is_dataclass(kind)
    return [field.name for field in dataclasses.fields(kind) if field.init]


def loaded(kind: type, engine: Mapping[str, str], environ: Mapping[str, str]) -> LoadedConfig:
    """A config from the engine and the environment."""
    plan = read_config(kind)
    assert plan.errors == ()
    return load_config(plan, engine, environ)


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_declared_can_be_set(kind: type) -> None:
    """A push under the declared keys sets each field."""
    assert list(read_config(kind).fields) == KEYS[kind]
    found = loaded(kind, {key: str(at) for at, key in enumerate(KEYS[kind])}, {})
    assert (found.wrong, found.missing) == ((), ())
    names = field_names(kind)
    assert [getattr(found.config, name) for name in names] == list(range(len(names)))


@pytest.mark.parametrize("kind", KEYS)
def test_errors_name_the_declared_keys(kind: type) -> None:
    """Operators read the keys that they can set, also for what is missing."""
    found = loaded(kind, dict.fromkeys(KEYS[kind], "x"), {})
    assert [sentence.partition(":")[0] for sentence in found.wrong] == KEYS[kind]
    required = [key for key, field in read_config(kind).fields.items() if field.required]
    assert [sentence.split()[0] for sentence in loaded(kind, {}, {}).missing] == required


def test_an_alias_that_is_a_path_is_refused() -> None:
    """A key is a name."""

    class Nested(BaseModel):
        url: Annotated[str, "Where."] = Field("", validation_alias=AliasPath("backend", "url"))

    @dataclasses.dataclass
    class Plain:
        url: Annotated[str, "Where.", Field(validation_alias=AliasPath("backend", "url"))] = ""

    for kind in (Nested, Plain):
        (error,) = read_config(kind).errors
        assert error.endswith(
            'the alias of "url" is a path, and the key of a config parameter is a name: '
            'write Field(validation_alias="name"), or add a name to AliasChoices'
        )


class Shop(BaseSettings):
    """A class of pydantic-settings."""

    model_config = SettingsConfigDict(env_prefix="shop_")
    url: Annotated[str, "Where."]
    rows: Annotated[int, "How many."] = 5
    user: Annotated[str, "Who."] = Field("me", validation_alias="shop_login")
    region: Annotated[str, "In which.", Env("REGION")] = "eu"


def test_settings_are_filled_from_their_own_variables() -> None:
    """A field that is set through its prefix is not missing, and the description says so."""
    plan = read_config(Shop)
    variables = [field.variable for field in plan.fields.values()]
    assert variables == ["SHOP_URL", "SHOP_ROWS", "SHOP_LOGIN", "REGION"]
    assert "Required unless SHOP_URL is set" in plan.fields["url"].param.description
    environ = {"SHOP_URL": "http://a", "SHOP_ROWS": "7", "SHOP_LOGIN": "eve", "REGION": "us"}
    found = loaded(Shop, {}, environ)
    assert found.missing == ()
    assert vars(found.config) == {"url": "http://a", "rows": 7, "user": "eve", "region": "us"}


def test_the_engine_wins_over_the_variables_of_settings() -> None:
    """The order is the same as for other classes."""
    found = loaded(Shop, {"url": "http://b", "rows": "8"}, {"SHOP_URL": "http://a"})
    assert (vars(found.config)["url"], vars(found.config)["rows"]) == ("http://b", 8)


def test_what_settings_find_by_themselves_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what pydantic misses is reported beside another error."""
    monkeypatch.setenv("SHOP_URL", "http://c")
    assert vars(loaded(Shop, {}, {}).config)["url"] == "http://c"
    found = loaded(Shop, {"rows": "x"}, {})
    assert (found.missing, len(found.wrong)) == ((), 1)


def test_settings_that_nobody_fills_are_missing() -> None:
    """The sentence names the key and the variable."""
    (sentence,) = loaded(Shop, {}, {}).missing
    assert sentence.endswith("set it in the engine, or set SHOP_URL in the agent's environment")
