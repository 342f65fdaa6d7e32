"""`agent.call` says what is wrong with a parameter that no text can express."""

import io
from typing import Annotated

import pytest

from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.plugin import Context, EngineClient, ExecuteRequest, TimeRange
from mirastack_sdk.testing import MockEngineClient
from tests.actions.agents import new_agent


class Fake:
    """A client that is no parameter."""


def _agent() -> Agent:
    agent = new_agent()

    def client() -> Fake:
        return Fake()

    @agent.action
    async def count(
        words: str = "",
        *,
        client: Annotated[Fake, Depends(client)],
        engine: EngineClient,
    ) -> int:
        """Count."""
        return len(words)

    @agent.action
    async def request(
        ctx: Context, window: TimeRange | None, engine: EngineClient, req: ExecuteRequest
    ) -> None:
        """Take parts of the request."""

    @agent.action
    async def nothing() -> None:
        """Do nothing."""

    return agent


ANY = "pass what the model would write, such as text, numbers, lists or dicts"
WRONG: dict[str, tuple[str, dict[str, object], str]] = {
    "object": (
        "count",
        {"words": Fake()},
        f"count: words is of type Fake, which no parameter can be: {ANY}",
    ),
    "item": (
        "count",
        {"words": [1, Fake()]},
        f"count: words[1] is of type Fake, which no parameter can be: {ANY}",
    ),
    "member": (
        "count",
        {"words": {"a": {"b": Fake()}}},
        f"count: words.a.b is of type Fake, which no parameter can be: {ANY}",
    ),
    "infinite": (
        "count",
        {"words": float("inf")},
        f"count: words is infinite, which no parameter can be: {ANY}",
    ),
    "injected": (
        "count",
        {"client": Fake()},
        (
            "count: client is of type Fake, which no parameter can be: client is injected, so "
            "replace its factory with agent.running(overrides=...)"
        ),
    ),
    "file": (
        "count",
        {"words": io.StringIO("a")},
        f"count: words is an open file, which no parameter can be: {ANY}",
    ),
    "context": (
        "request",
        {"ctx": Fake()},
        (
            "request: ctx is of type Fake, which no parameter can be: ctx is injected, so "
            "leave it out: each call has its own"
        ),
    ),
    "range": (
        "request",
        {"window": Fake()},
        (
            "request: window is of type Fake, which no parameter can be: window is injected, so "
            "pass it as time_range"
        ),
    ),
    "no-engine": (
        "request",
        {"engine": Fake()},
        (
            "request: engine is of type Fake, which no parameter can be: engine is injected, so "
            "pass it as engine_client"
        ),
    ),
    "engine": (
        "count",
        {"engine": MockEngineClient()},
        (
            "count: engine is of type MockEngineClient, which no parameter can be: pass it as "
            "engine_client"
        ),
    ),
    "unknown": (
        "count",
        {"backend": Fake()},
        "count: backend is of type Fake, which no parameter can be: the parameters are words",
    ),
    "no-parameters": (
        "nothing",
        {"backend": Fake()},
        "nothing: backend is of type Fake, which no parameter can be: the action has no parameters",
    ),
    "unknown-action": (
        "other",
        {"backend": Fake()},
        "other: backend is of type Fake, which no parameter can be: the engine sends text",
    ),
}


@pytest.mark.parametrize(("name", "parameters", "sentence"), WRONG.values(), ids=WRONG)
async def test_the_parameter_is_named(
    name: str, parameters: dict[str, object], sentence: str
) -> None:
    """And not the result of the action, which was not run."""
    with pytest.raises(TypeError) as raised:
        await _agent().call(name, **parameters)  # type: ignore[arg-type] # names of parameters only
    assert str(raised.value) == sentence
