"""The golden fixtures, read from their files."""

import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from tests.golden.cases import FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """The value of one message, as Google and Go write it."""

    message: str
    name: str
    value: bytes
    protobuf: bytes
    go: bytes
    go_plain: bytes

    def __str__(self) -> str:
        return f"{self.message}: {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Bytes, and the message that Go read in them; None if Go refused them."""

    message: str
    data: bytes
    written: bytes | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.message}: {self.data!r}"


def golden_messages() -> list[Golden]:
    """Return every message that Google and Go have written."""
    return [
        Golden(
            message=item["message"],
            name=item["name"],
            value=json.dumps(item["value"]).encode(),
            protobuf=bytes.fromhex(item["protobuf"]),
            go=item["go"].encode(),
            go_plain=item["go_plain"].encode(),
        )
        for item in _load("data/messages.json")
    ]


def go_readings() -> list[Reading]:
    """Return all bytes that Go was given to read."""
    return [
        Reading(
            message=item["message"],
            data=b64decode(item["data"]),
            written=None if item["written"] is None else b64decode(item["written"]),
        )
        for item in _load("data/readings.json")
    ]


def own_readings() -> list[Reading]:
    """Return the bytes that we deliberately read differently from Go, with the reason."""
    return [
        Reading(
            message=item["message"],
            data=item["data"].encode(errors="surrogateescape"),
            written=None if item["ours"] is None else item["ours"].encode(),
            reason=item["because"],
        )
        for item in json.loads((FOLDER / "inputs.json").read_text(encoding="utf-8"))["differing"]
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Floats:
    """A number in both sizes, and the text that Go writes for each."""

    float32: float
    float64: float
    text32: str
    text64: str


def go_floats() -> list[Floats]:
    """Return numbers that Go has written."""
    return [Floats(**item) for item in _load("data/floats.json")]


# Any: what a fixture holds is known where it is read, and a wrong one fails the test.
def _load(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return items
