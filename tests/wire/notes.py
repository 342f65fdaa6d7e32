"""A tiny service and its codecs, for tests of the wire that need no contract."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from mirastack_sdk._wire.codec.message_codec import Codecs, CodecTable, MessageCodec
from mirastack_sdk._wire.codec.methods import Handler, Method, UnaryHandler
from mirastack_sdk.errors import DecodeError
from mirastack_sdk.testing import Encoding

ECHO = "/test.Notes/Echo"


@dataclass(frozen=True, slots=True)
class Note:
    """One line of text."""

    text: str


ECHO_METHOD = Method("Echo", ECHO, Note, Note)


def _from_json(data: bytes) -> Note:
    try:
        return Note(str(json.loads(data)["text"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DecodeError("expected an object with a text") from error


def _from_plain(data: bytes) -> Note:
    if data.startswith(b"\xff"):
        raise DecodeError("expected plain text")
    return Note(data.decode())


def note_codecs() -> Codecs:
    """Return plain text as "protobuf" and an object as JSON: enough to tell them apart."""
    plain, as_json = CodecTable(), CodecTable()
    plain.add(Note, MessageCodec(lambda note: note.text.encode(), _from_plain))
    as_json.add(
        Note, MessageCodec(lambda note: json.dumps({"text": note.text}).encode(), _from_json)
    )
    return {Encoding.PROTOBUF: plain, Encoding.JSON: as_json}


class Notes:
    """Responds to each note with what `respond` returns."""

    def __init__(self, respond: Callable[[Note], Awaitable[Note]]) -> None:
        self._respond = respond

    def __mapping__(self) -> Mapping[str, UnaryHandler]:
        return {ECHO: Handler(ECHO_METHOD, self._respond)}


async def same(note: Note) -> Note:
    """Return the note."""
    return note


class Gate:
    """A response that waits until it is released."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.cancelled = asyncio.Event()
        self._inside = 0
        self._changed = asyncio.Condition()

    async def all_entered(self, number: int) -> None:
        """Wait until so many calls have come."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self._inside >= number)

    async def respond(self, note: Note) -> Note:
        """Wait for `opened`, then return the note."""
        self.entered.set()
        async with self._changed:
            self._inside += 1
            self._changed.notify_all()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return note
