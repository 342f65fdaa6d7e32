"""A case of a bad input, and what must hold for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from h2.errors import ErrorCodes as ErrorCode

from mirastack_sdk.testing import Encoding
from tests.reliability.bad_inputs.agent import running_agent
from tests.reliability.bad_inputs.client import Client, Reply
from tests.reliability.bad_inputs.requests import GREETING, call, execute_reply

# A stream far above those of the cases.
_LATER = 9_999


@dataclass(frozen=True, slots=True)
class Served:
    """The call succeeds; `said` is what the agent's author was sent."""

    said: str | None = "hello"
    encoding: Encoding = Encoding.PROTOBUF


@dataclass(frozen=True, slots=True)
class Failed:
    """The call responds with success=false and an error that contains these words."""

    words: str
    encoding: Encoding = Encoding.PROTOBUF


@dataclass(frozen=True, slots=True)
class Refused:
    """The call ends with this gRPC status, this HTTP status and a message with these words."""

    status: int
    words: str = ""
    http: int = 200


@dataclass(frozen=True, slots=True)
class Reset:
    """The stream is reset with a code."""

    code: ErrorCode = ErrorCode.PROTOCOL_ERROR


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is closed, after a GOAWAY with a code."""

    code: ErrorCode = ErrorCode.PROTOCOL_ERROR


type Outcome = Served | Failed | Refused | Reset | Ended


@dataclass(frozen=True, slots=True)
class BadInput:
    """What is sent on a connection, what is promised, and the outcome.

    `after` is sent first: the connection preface, unless the case is about that.
    """

    name: str
    promise: str
    sent: bytes
    outcome: Outcome
    after: bytes = GREETING


def each_of(cases: Sequence[BadInput]) -> pytest.MarkDecorator:
    """Let a test run once for each case."""
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


async def meet(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send a case to an agent, which must serve another client meanwhile and keep nothing of it.

    If the connection stays open, it must serve the next call.
    """
    async with (
        running_agent(monkeypatch) as agent,
        await Client.connect(agent.port) as neighbour,
    ):
        neighbour.send(GREETING)
        await _is_served(neighbour, 1)
        before = agent.holdings()
        async with await Client.connect(agent.port) as client:
            client.send(case.after + case.sent)
            await _is_served(neighbour, 3)
            await _comes_to(case, client)
            await _is_served(neighbour, 5)
        assert await agent.settled(before) == before, case.promise


async def _comes_to(case: BadInput, client: Client) -> None:
    match case.outcome:
        case Ended(code):
            await client.until_closed()
            assert client.goaway is not None, case.promise
            assert client.goaway[0] is code, f"{case.promise}: {client.goaway}"
            return
        case Served() | Failed() | Refused() | Reset():
            reply = await client.reply(1)
    _check(case, reply)
    client.send(call(stream_id=_LATER))
    await _is_served(client, _LATER, send=False)


def _check(case: BadInput, reply: Reply) -> None:
    status = reply.headers.get("grpc-status")
    match case.outcome:
        case Reset(code):
            assert reply.reset == code, case.promise
        case Refused(number, words, http):
            assert (status, reply.headers[":status"]) == (str(number), str(http)), reply
            assert words in reply.message, case.promise
        case Served(None):
            assert status == "0", f"{case.promise}: {reply}"
        case Served(said, encoding):
            assert status == "0", f"{case.promise}: {reply}"
            answer = execute_reply(reply.data, encoding)
            assert answer.success, answer
            assert answer.result_json == f'{{"said":"{said}"}}'.encode(), case.promise
        case Failed(words, encoding):
            assert status == "0", f"{case.promise}: {reply}"
            answer = execute_reply(reply.data, encoding)
            assert not answer.success, case.promise
            assert words in answer.error, case.promise
        case Ended():
            raise AssertionError("the connection ends, not the stream")


async def _is_served(client: Client, stream_id: int, *, send: bool = True) -> None:
    if send:
        client.send(call(stream_id=stream_id))
    reply = await client.reply(stream_id)
    assert reply.headers["grpc-status"] == "0"
    assert execute_reply(reply.data).success
