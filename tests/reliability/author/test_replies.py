"""Return values that cannot be sent: the error says what was expected."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import NoReturn

import pytest

from mirastack_sdk.plugin import ExecuteResponse
from mirastack_sdk.testing import Encoding
from tests.reliability.author.bench import HARMLESS, Agent, BlockingAgent, calling, errors_in


class LyingDict(dict[str, str]):
    """A dict that cannot be iterated."""

    def items(self) -> object:  # type: ignore[override] # wrong on purpose
        raise LookupError("gone")


class Disguised:
    """An object whose `__class__` raises."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(f"no {name}")


async def coroutine() -> ExecuteResponse:
    return HARMLESS


async def hands_on_a_coroutine() -> object:
    return coroutine()


async def yields() -> AsyncIterator[ExecuteResponse]:
    yield HARMLESS


def generates() -> Iterator[ExecuteResponse]:
    yield HARMLESS


def response(output: object = None, logs: object = None) -> ExecuteResponse:
    """Make a response with fields of any type."""
    made = ExecuteResponse()
    made.output = {} if output is None else output  # type: ignore[assignment] # wrong on purpose
    made.logs = [] if logs is None else logs  # type: ignore[assignment] # wrong on purpose
    return made


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "none": (lambda: None, "must return an ExecuteResponse, got NoneType"),
    "dict": (lambda: {"result": "x"}, "must return an ExecuteResponse, got dict"),
    "text": (lambda: "x", "must return an ExecuteResponse, got str"),
    "class": (lambda: ExecuteResponse, "must return an ExecuteResponse, got type"),
    "generator": (generates, "got generator: use return, not yield"),
    "async-generator": (yields, "got async_generator: use return, not yield"),
    "coroutine": (hands_on_a_coroutine, "got coroutine: is an await missing?"),
    "output-is-none": (lambda: response(0), "output must be a dict of strings, got int"),
    "number": (lambda: response({"result": 3}), 'output["result"] must be a string, got int'),
    "nested": (
        lambda: response({"result": {"a": 1}}),
        "must be a string, got dict: use json.dumps",
    ),
    "bytes": (lambda: response({"result": b"x"}), 'output["result"] must be a string, got bytes'),
    "not-json": (lambda: response({"result": object()}), "must be a string, got object"),
    "number-as-key": (lambda: response({3: "x"}), "output's keys must be strings, got int"),
    "lying-dict": (lambda: response(LyingDict(a="b")), "cannot be read: LookupError"),
    "logs-are-text": (lambda: response(logs="one"), "logs must be a list of strings, got str"),
    "log-is-bytes": (lambda: response(logs=[b"one"]), "logs[0] must be a string, got bytes"),
    "many-mistakes": (lambda: response(logs=[1] * 1_000_000), "logs[4] must be a string, got int"),
}


@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
@pytest.mark.parametrize(("answer", "sentence"), WRONG.values(), ids=WRONG)
async def test_an_unusable_return_value_fails_the_execution(
    answer: Callable[[], object],
    sentence: str,
    agent_type: type[Agent],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The engine and the log get the sentence that says what to change; the next call works."""
    async with calling(agent_type(lambda _: answer())) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert not reply.success
    assert sentence in reply.error
    assert len(reply.error) <= 500
    (record,) = errors_in(caplog)
    assert sentence in record.getMessage()


@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
async def test_a_return_value_whose_class_raises(agent_type: type[Agent]) -> None:
    """Its exception fails the execution as any other does."""
    async with calling(agent_type(lambda _: Disguised())) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert reply.error == "no __class__"


@pytest.mark.parametrize("encoding", list(Encoding))
async def test_text_that_no_encoding_takes_is_replaced(encoding: Encoding) -> None:
    """Lone surrogates, as in file names, become replacement characters."""
    answered = response({"re\udc80": "\ud800x"}, ["\udfff"])
    async with calling(Agent(lambda _: answered), encoding=encoding) as caller:
        reply = await caller.misbehave()
    assert reply.success
    assert reply.result_json.decode() == '{"re\ufffd":"\ufffdx","logs":["\ufffd"]}'
    assert reply.logs == ["\ufffd"]


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize(
    "large",
    [
        pytest.param(lambda: response({"result": "x" * 110_000}), id="for-certain"),
        pytest.param(lambda: response({"result": "x" * 99_990}), id="by-a-few-bytes"),
        pytest.param(lambda: response(logs=["line"] * 30_000), id="logs"),
        pytest.param(lambda: response(logs=["\u20ac" * 3_000] * 30), id="when-escaped"),
    ],
)
async def test_a_response_above_the_limit_fails_the_execution(
    large: Callable[[], ExecuteResponse], encoding: Encoding
) -> None:
    """A response above the size limit fails the execution with advice, not the call."""
    agent = Agent(lambda _: large())
    async with calling(agent, encoding=encoding, max_message_bytes=100_000) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert not reply.success
    assert "at most 100000 can be sent" in reply.error
    assert "answer less" in reply.error


@pytest.mark.parametrize("agent_type", [Agent, BlockingAgent], ids=["coroutine", "thread"])
async def test_a_hundred_megabytes_are_not_even_written(agent_type: type[Agent]) -> None:
    """A result of 100 MB is refused with its size, without using more memory than it has."""
    async with calling(agent_type(lambda _: response({"result": "x" * 100_000_000}))) as caller:
        reply = await caller.misbehave()
        await caller.require_well()
    assert not reply.success
    assert "has at least 100000006 bytes, and at most 67108864 can be sent" in reply.error
