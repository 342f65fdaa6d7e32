"""The golden fixtures, read from their files."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.message import Message

from codegen.compatibility.release import read_release
from tests.golden.cases import FOLDER, Case, all_cases, google_message
from tests.golden.go_json import go_json
from tests.golden.google import CONTRACT, classes_of, google_classes

_TODAY = ", with the fields of today"


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


@cache
def golden_messages() -> list[Golden]:
    """Return every message that Google and Go have written, and those of fields added since.

    Google writes the latter, too; a model of encoding/json takes Go's place.
    """
    written = written_messages()
    known = {(golden.message, golden.name, golden.protobuf) for golden in written}
    classes = google_classes(*CONTRACT)
    today = [
        (case, google_message(classes[case.message], case.value)) for case in all_cases(classes)
    ]
    return written + [
        golden
        for golden in (_modelled(case, message) for case, message in today)
        if (golden.message, golden.name.removesuffix(_TODAY), golden.protobuf) not in known
    ]


def _modelled(case: Case, message: Message) -> Golden:
    return Golden(
        message=case.message,
        name=f"{case.name}{_TODAY}",
        value=json.dumps(case.value).encode(),
        protobuf=message.SerializeToString(deterministic=True),
        go=go_json(message, omitempty=True).encode(),
        go_plain=go_json(message, omitempty=False).encode(),
    )


def written_messages() -> list[Golden]:
    """Return every message of the contract that Google and Go have written."""
    return _goldens("data/messages.json")


def written_kinds() -> list[Golden]:
    """Return the messages of kinds.proto that Google and Go have written."""
    return _goldens("data/kinds.json")


@cache
def written_classes() -> Mapping[str, type[Message]]:
    """Return Google's classes of the contract as it was when the fixtures were made."""
    release = read_release(FOLDER / "data" / "contract.json")
    assert release is not None
    (descriptor,) = release.descriptors.file
    return classes_of(descriptor)


def _goldens(name: str) -> list[Golden]:
    return [
        Golden(
            message=item["message"],
            name=item["name"],
            value=json.dumps(item["value"]).encode(),
            protobuf=bytes.fromhex(item["protobuf"]),
            go=item["go"].encode(),
            go_plain=item["go_plain"].encode(),
        )
        for item in _load(name)
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
