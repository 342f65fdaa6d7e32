"""Keys that the engine sets and a config class does not have: few words, and nothing is kept."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import pydantic
import pydantic.dataclasses
import pytest
from pydantic import BaseModel, ConfigDict, Field

from mirastack_sdk.agent import Agent
from mirastack_sdk.plugin import Permission

type Url = Annotated[str, "Where it listens."]


@dataclass
class Plain:
    """A dataclass."""

    url: Url = "a"


@pydantic.dataclasses.dataclass
class Converted:
    """A dataclass of pydantic's."""

    url: Url = "a"


class Ignoring(BaseModel):
    """A model that ignores what it does not know."""

    url: Url = "a"


class Allowing(BaseModel):
    """A model that keeps what it does not know."""

    model_config = ConfigDict(extra="allow")
    url: Url = "a"


class Forbidding(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")
    url: Url = "a"


class Aliased(BaseModel):
    """A model whose field has another name."""

    address: Url = Field("a", validation_alias="url")


KINDS: tuple[type, ...] = (Plain, Converted, Ignoring, Allowing, Forbidding, Aliased)
KEYS: dict[str, tuple[list[str], str]] = {
    "one": (["old"], '"old"'),
    "case": (["URL"], '"URL"'),
    "empty": ([""], '""'),
    "five": (list("edcba"), '"a", "b", "c", "d", "e"'),
    "six": (list("fedcba"), '"a", "b", "c", "d", "e" and 1 more'),
    "thousand": (
        [f"{n:04}" for n in range(1_000)],
        '"0000", "0001", "0002", "0003", "0004" and 995',
    ),
    "lines": (["a\nERROR forged"], '"a'),
    "long": (["x" * 10_000], '"xxx'),
    "escape": (["\x1b[2J"], '"'),
    "surrogate": (["\ud800"], '"'),
}


def _agent(kind: type) -> Agent:
    return Agent(
        name="logs",
        version="1.0.0",
        description="Searches logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
        config=kind,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("keys", "shown"), KEYS.values(), ids=KEYS)
async def test_unknown_keys_are_one_short_line(
    kind: type, keys: list[str], shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    """However often they are pushed, in whichever order, and with whichever values."""
    agent = _agent(kind)
    orders: list[Callable[[list[str]], list[str]]] = [sorted, lambda given: sorted(given)[::-1]]
    async with agent.running():
        for number in range(4):
            ordered = orders[number % 2](keys)
            await agent.config_updated({"url": f"u{number}", **dict.fromkeys(ordered, str(number))})
    [record] = caplog.records
    text = record.getMessage()
    assert text.startswith("the engine sets keys that this agent's config does not have: ")
    assert shown in text
    assert len(text) < 300
    assert text.isprintable()


class Key(str):
    """A key whose end can be noticed."""

    __slots__ = ("__weakref__",)


@pytest.mark.parametrize("kind", KINDS)
async def test_keys_that_change_each_time_are_not_kept(kind: type) -> None:
    """Nothing is left of a key when others have come."""
    agent, kept = _agent(kind), list[weakref.ref[Key]]()
    async with agent.running():
        for number in range(20):
            key = Key(f"key-{number}")
            kept.append(weakref.ref(key))
            await agent.config_updated({"url": f"u{number}", key: "1"})
        del key
        await agent.config_updated({"url": "last", "other": "1"})
        gc.collect()
        assert [one() for one in kept if one() is not None] == []
