"""Our protobuf equals Google's, byte for byte."""

import pytest

from tests.golden.cases import all_cases, google_message
from tests.golden.codecs import protobuf
from tests.golden.fixtures import Golden, golden_messages
from tests.golden.google import CONTRACT, differences, google_classes

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


def test_every_field_of_every_message_has_golden_bytes() -> None:
    """The fixtures cover the contract and Google's output as they are today."""
    classes = google_classes(*CONTRACT)
    kept = {(golden.message, golden.name): golden.protobuf for golden in GOLDEN}
    today = {
        (case.message, case.name): google_message(
            classes[case.message], case.value
        ).SerializeToString(deterministic=True)
        for case in all_cases()
    }
    assert kept == today, "run `python -m tests.golden.make_fixtures` (needs Go)"
