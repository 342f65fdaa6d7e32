"""Our protobuf equals Google's, byte for byte."""

import json

import pytest

from tests.golden.cases import google_message
from tests.golden.codecs import protobuf
from tests.golden.fixtures import (
    Golden,
    golden_messages,
    written_classes,
    written_messages,
)
from tests.golden.google import CONTRACT, differences, fields_of, google_classes

GOLDEN = golden_messages()


@pytest.mark.contract("Two encodings: application/grpc and application/grpc+proto are protobuf")
@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_we_write_the_bytes_that_google_writes(golden: Golden) -> None:
    """A message that is read from Google's bytes is written as the same bytes."""
    codec = protobuf(golden.message)
    assert codec.encode(codec.decode(golden.protobuf)) == golden.protobuf


@pytest.mark.contract("Two encodings: application/grpc and application/grpc+proto are protobuf")
@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_we_read_the_same_message_as_google(golden: Golden) -> None:
    """Every field has the value that it has in Google's message."""
    theirs = google_classes(*CONTRACT)[golden.message].FromString(golden.protobuf)
    assert differences(protobuf(golden.message).decode(golden.protobuf), theirs) == []


def test_google_writes_the_golden_bytes() -> None:
    """The fixtures are Google's output of today, for the contract of which they were made."""
    classes = written_classes()
    again = {
        str(golden): google_message(
            classes[golden.message], json.loads(golden.value)
        ).SerializeToString(deterministic=True)
        for golden in written_messages()
    }
    assert {str(golden): golden.protobuf for golden in written_messages()} == again


def test_every_field_of_every_message_has_golden_bytes() -> None:
    """The golden messages cover the contract as it is today."""
    covered = {
        (golden.message, field.number)
        for golden in GOLDEN
        for field, _ in google_classes(*CONTRACT)[golden.message]
        .FromString(golden.protobuf)
        .ListFields()
    }
    assert covered == {
        (name, field.number)
        for name, cls in google_classes(*CONTRACT).items()
        for field in fields_of(cls)
    }
