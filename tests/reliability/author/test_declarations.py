"""Declarations that change, raise, hang or are invalid: reported at the start, or ignored later."""

import asyncio
import threading
from collections.abc import Callable
from typing import NoReturn

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime import checked_plugin as agent_module
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import PluginInfo, PluginSchema
from tests.reliability.author.bench import TIMEOUT, Agent, calling
from tests.reliability.author.test_exceptions import UnprintableError


class Changing(Agent):
    """Declares something different at each call."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def info(self) -> PluginInfo:
        self.asked += 1
        info = super().info()
        info.version = f"1.0.{self.asked}"
        return info

    def schema(self) -> PluginSchema:
        self.asked += 1
        schema = super().schema()
        return PluginSchema(schema.actions[: self.asked])


async def test_an_agent_declares_itself_once() -> None:
    """The engine always gets the card that the agent declared at the start."""
    agent = Changing()
    async with calling(agent) as caller:
        cards = [await caller.stub.info(wire.InfoRequest(), timeout=TIMEOUT) for _ in range(3)]
        schemas = [
            await caller.stub.get_schema(wire.GetSchemaRequest(), timeout=TIMEOUT) for _ in range(3)
        ]
    assert {card.version for card in cards} == {"1.0.1"}
    assert {len(schema.actions) for schema in schemas} == {2}
    assert agent.asked == 2


async def test_declarations_that_change_afterwards_are_ignored() -> None:
    """Changing what `info()` has returned does not change the card."""

    class Kept(Agent):
        declared: PluginInfo

        def info(self) -> PluginInfo:
            self.declared = super().info()
            return self.declared

    agent = Kept()
    async with calling(agent) as caller:
        agent.declared.name = ""
        agent.declared.devops_stages.clear()
        agent.declared.config_params.clear()
        card = await caller.stub.info(wire.InfoRequest(), timeout=TIMEOUT)
    assert (card.name, len(card.devops_stages), len(card.config_schema)) == ("my_agent", 1, 2)


def leave(_: object) -> NoReturn:
    raise SystemExit(3)


def fail(_: object) -> NoReturn:
    raise ConnectionError("cannot read https://user:pa55word@vault.internal/x?token=t0ken")


def fail_without_words(_: object) -> NoReturn:
    raise UnprintableError


async def coroutine(_: object) -> PluginInfo:
    raise AssertionError("never awaited")


REFUSED: dict[str, tuple[Callable[[object], object], str]] = {
    "exit": (leave, "raised SystemExit: 3"),
    "exception": (fail, "raised ConnectionError: cannot read https://[secret]@vault.internal/x"),
    "no-words": (fail_without_words, "raised UnprintableError: "),
    "coroutine": (coroutine, "got an object of type coroutine"),
    "none": (lambda _: None, "got None"),
    "dict": (lambda _: {"name": "x"}, "got"),
}


@pytest.mark.parametrize("method", ["info", "schema"])
@pytest.mark.parametrize(("declare", "sentence"), REFUSED.values(), ids=REFUSED)
def test_an_agent_that_cannot_declare_itself_does_not_start(
    declare: Callable[[object], object], sentence: str, method: str
) -> None:
    """The start fails with an error that names the method and contains no credentials."""
    agent_type = type("Odd", (Agent,), {method: declare})
    with pytest.raises(InvalidPluginError) as caught:
        checked_plugin(agent_type())
    text = str(caught.value)
    assert sentence in text
    assert f"{method}()" in text
    assert "pa55word" not in text
    assert "t0ken" not in text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "_SLOW_SECONDS", 0.01)


async def test_a_declaration_that_hangs_is_reported(
    impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    """A start that waits for the author's code logs it: otherwise it would seem to hang."""
    release = threading.Event()

    class Slow(Agent):
        def info(self) -> PluginInfo:
            assert release.wait(TIMEOUT)
            return super().info()

    starting = asyncio.create_task(asyncio.to_thread(checked_plugin, Slow()))
    async with asyncio.timeout(TIMEOUT):
        while "Slow.info() has not returned" not in caplog.text:
            await asyncio.to_thread(threading.Event().wait, 0.01)
    release.set()
    assert (await starting).info.name == "my_agent"
