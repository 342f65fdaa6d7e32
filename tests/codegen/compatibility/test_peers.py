"""Google's classes confirm what the guard calls compatible."""

import json
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from tests.codegen.compatibility.contract_edits import COMPATIBLE, Edit
from tests.codegen.compatibility.lab import LAB, compiled, edited
from tests.golden.go_json import go_json
from tests.golden.google import classes_of
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import seeded

_SAMPLES = 20


def _classes(text: str) -> dict[str, type[Message]]:
    (file,) = compiled(text).file
    return dict(classes_of(file))


def _pairs(edit: Edit) -> Iterator[tuple[type[Message], type[Message]]]:
    """Return the classes of each message before and after an edit, and the other way around."""
    old, new = _classes(LAB), _classes(edited(LAB, *edit.edits))
    for name in old:
        yield old[name], new[name]
        yield new[name], old[name]


@pytest.mark.parametrize("edit", COMPATIBLE, ids=lambda edit: edit.edits[-1][1])
def test_peers_before_and_after_read_the_same(edit: Edit) -> None:
    """A message of one reaches the other and comes back, and their JSON has the same values."""
    generator = seeded(30)
    for writer, reader in _pairs(edit):
        known = {field.name for field in reader.DESCRIPTOR.fields}
        for _ in range(_SAMPLES):
            message = random_message(generator, writer)
            read = reader.FromString(message.SerializeToString())
            # Google's classes keep the fields that they do not know.
            assert writer.FromString(read.SerializeToString()) == message
            assert _json(read, known) == _json(message, known)


def _json(message: Message, known: set[str]) -> dict[str, object]:
    """Return the JSON of a message with the fields that both sides know."""
    content = json.loads(go_json(message, omitempty=True))
    return {name: _without_additions(value) for name, value in content.items() if name in known}


def _without_additions(value: object) -> object:
    """Return a value without the one field that an edit adds to a nested message."""
    if isinstance(value, dict):
        return {key: _without_additions(item) for key, item in value.items() if key != "off"}
    return value
