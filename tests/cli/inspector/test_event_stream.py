"""The stream of events serves every open page, and no page can stop it."""

import asyncio
from contextlib import aclosing

import pytest

from mirastack_sdk._cli.inspector import event_stream
from mirastack_sdk._cli.inspector.event_stream import EventStream, server_sent_event
from mirastack_sdk._cli.inspector.json_text import json_text
from mirastack_sdk._cli.inspector.shortening import shortened


async def test_each_page_gets_each_event_in_order() -> None:
    """Pages come and go without missing what happens while they are open."""
    stream = EventStream()
    async with (
        aclosing(stream.events("first")) as one,
        aclosing(stream.events("first")) as two,
    ):
        assert [await anext(one), await anext(two)] == ["first", "first"]
        stream.publish("log", {"n": 1})
        stream.publish("log", {"n": 2})
        for page in (one, two):
            assert await anext(page) == 'event: log\ndata: {"n": 1}\n\n'
            assert await anext(page) == 'event: log\ndata: {"n": 2}\n\n'


async def test_a_page_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """It loses its events instead of collecting them for ever, and has to connect again."""
    monkeypatch.setattr(event_stream, "_MOST_WAITING", 3)
    stream = EventStream()
    page = stream.events("first")
    await anext(page)
    for number in range(5):
        stream.publish("log", number)
    assert [text async for text in page] == []


async def test_a_quiet_stream_is_kept_open() -> None:
    """A comment now and then tells proxies and browsers that nothing is wrong."""
    page = EventStream(keep_alive=0.001).events("first")
    await anext(page)
    assert await anext(page) == ": still here\n\n"


async def test_closing_ends_every_page() -> None:
    """The end of the inspector does not wait for open pages."""
    stream = EventStream()
    page = stream.events("first")
    await anext(page)
    waiting = asyncio.ensure_future(anext(page, None))
    await asyncio.sleep(0)
    stream.close()
    async with asyncio.timeout(60):
        assert await waiting is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, None, "ä\n\u2028"]}, '{"a": [1, null, "\\u00e4\\n\\u2028"]}'),
        (float("nan"), '"nan"'),
        ({1: float("inf"), "b": {2}}, '{"1": "inf", "b": "{2}"}'),
        (b"x", "\"b'x'\""),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_every_value_is_valid_json_in_one_line(value: object, text: str) -> None:
    """What JSON cannot express becomes text; a line break would end the event."""
    assert json_text(value) == text
    assert server_sent_event("log", value) == f"event: log\ndata: {text}\n\n"


def test_a_value_that_contains_itself_is_cut() -> None:
    """A cycle does not end the stream."""
    cycle: list[object] = []
    cycle.append(cycle)
    assert "nested too deeply" in json_text(cycle)


def test_large_messages_are_shortened() -> None:
    """Long texts, lists and objects say how much of them is missing; others stay as they are."""
    assert shortened({"a": [1, "x"]}) == {"a": [1, "x"]}
    assert shortened("x" * 5000) == "x" * 4096 + "… (904 more characters)"
    assert shortened(list(range(300))) == [*range(200), "… (100 more items)"]
    members = shortened({str(number): 1 for number in range(201)})
    assert isinstance(members, dict)
    assert (len(members), members["…"]) == (201, "1 more members")
