"""The responses of executions are cleaned, and those that are too large for some are noticed."""

import asyncio
import json
import logging

import pytest

from mirastack_sdk import Action, ExecuteResponse, PluginSchema, respond_map
from mirastack_sdk._core.model.execution import CleanLine
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.calls.response_writer import GO_LIMIT, ResponseWriter
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk.testing import Encoding

SECRET = 'hunter"2\\ü'


def writer() -> ResponseWriter:
    secrets = KnownSecrets()
    secrets.learn([SECRET])
    schema = PluginSchema([Action(name, "It.", {}) for name in ("search", "follow")])
    return ResponseWriter(secrets, SystemClock(), schema, 64 * 1024 * 1024)


async def written(
    response: ExecuteResponse, *, by: ResponseWriter | None = None, action: str = "search"
) -> wire.ExecuteResponse:
    return await (by or writer()).message(
        response, action=action, started=0, encoding=Encoding.JSON
    )


@pytest.mark.contract("What reaches the language model: logs are cleaned before they leave")
@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        ("from the cache", "from the cache"),
        ("GET https://u:pw@db.internal/x?token=abc failed", "GET [address] failed"),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("refused: password=swordfish", "refused: password=[secret]"),
        ("cannot read /etc/agent/key.pem", "cannot read [path]"),
        (f"the key {SECRET} is wrong", "the key [secret] is wrong"),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\nE: no',
            "[traceback] E: no",
        ),
        ("x" * 4_100, "x" * 3_800 + "…"),
    ],
)
async def test_logs_are_cleaned_like_errors(line: str, cleaned: str) -> None:
    """Both where they go beside the result and in it."""
    message = await written(ExecuteResponse({"result": "1"}, [line]))
    assert message.logs == [cleaned]
    assert json.loads(message.result_json)["logs"] == [cleaned]
    alone = await written(ExecuteResponse(logs=[line]))
    assert json.loads(alone.result_json)["error"] == cleaned


async def test_what_the_sdk_writes_itself_stays() -> None:
    """A parameter may accept addresses, and be called user; only known secrets are removed."""
    line = f'user: expected "http://a" | "http://b", got "{SECRET}"'
    message = await written(ExecuteResponse(logs=[CleanLine(line)]))
    assert message.logs == ['user: expected "http://a" | "http://b", got "[secret]"']


@pytest.mark.contract("What reaches the language model: secrets are taken out of result_json")
@pytest.mark.parametrize(
    "response",
    [
        ExecuteResponse({"result": json.dumps({"a": f"<{SECRET}>"}), "url": "http://host/a b"}),
        ExecuteResponse({"result": SECRET, "url": "http://host/a b"}),
        respond_map({"a": {"b": [f"<{SECRET}>"]}, "url": "http://host/a b"}),
        respond_map({"result": json.dumps({"a": SECRET}), "url": "http://host/a b"}),
    ],
)
async def test_secrets_are_removed_from_results(response: ExecuteResponse) -> None:
    """In plain text and in JSON within JSON; addresses are the author's content and stay."""
    result = (await written(response)).result_json.decode()
    assert "hunter" not in result
    assert "[secret]" in result
    assert json.loads(result)["url"] == "http://host/a b"


async def test_other_calls_go_on_while_logs_are_cleaned() -> None:
    """Thousands of lines take seconds; the loop is free in between."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    message = await written(ExecuteResponse(logs=["from the cache"] * 200))
    counting.cancel()
    assert len(message.logs) == 200
    assert turns >= 19


async def test_a_result_over_the_limit_of_go_is_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once for each action, since the engine may refuse every one of them."""
    caplog.set_level(logging.WARNING, "mirastack_sdk")
    responses = writer()
    around = len(
        CODECS[Encoding.JSON]
        .for_type(wire.ExecuteResponse)
        .encode(await written(ExecuteResponse({"result": ""}), by=responses))
    )
    fits = "x" * ((GO_LIMIT - around) * 3 // 4 - 8)
    await written(ExecuteResponse({"result": fits}), by=responses)
    assert caplog.messages == []
    for action in ("search", "search", "follow", "search", "unknown"):
        await written(ExecuteResponse({"result": fits + "x" * 64}), by=responses, action=action)
    first, second = caplog.messages
    assert first.startswith("the result of 'search' has 41943")
    assert first.endswith(
        "bytes; an engine with Go's default limit refuses more than 4194304: "
        "return less, or raise the engine's limit"
    )
    assert "'follow'" in second
