"""Metadata and the texts of statuses, as gRPC writes them."""

import pytest
from grpclib.metadata import decode_grpc_message, encode_grpc_message
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.grpc.metadata import (
    Metadata,
    decode_status_text,
    encode_metadata,
    encode_status_text,
)


def test_text_and_bytes() -> None:
    """Text is sent as it is, bytes as base64 without padding, in the given order."""
    metadata: dict[str, str | bytes] = {"x-plugin-name": "a b", "trace-bin": b"\x00\x01"}
    assert encode_metadata(metadata) == (
        ("x-plugin-name", "a b"),
        ("trace-bin", "AAE"),
    )
    assert encode_metadata([("a", "1"), ("a", "2")]) == (("a", "1"), ("a", "2"))


@pytest.mark.parametrize("name", ["", "Upper", "ü", "a b", ":path", "te", "grpc-timeout", "a\n"])
def test_a_name_that_grpc_does_not_allow(name: str) -> None:
    """An invalid name is refused, and shown in the error."""
    with pytest.raises(ValueError, match="is not a valid metadata name"):
        encode_metadata({name: "value"})


@pytest.mark.parametrize("value", ["", "ü", "a\r\nb: c", "\x7f"])
def test_a_text_that_grpc_does_not_allow(value: str) -> None:
    """An invalid value is refused, and not shown, since it may be secret."""
    with pytest.raises(ValueError, match="the text of metadata token must be printable") as raised:
        encode_metadata({"token": value})
    assert not value or value not in str(raised.value)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [({"a": b"1"}, "a must be text, got bytes"), ({"a-bin": "1"}, "a-bin must be bytes, got str")],
)
def test_a_value_of_the_wrong_type(metadata: Metadata, expected: str) -> None:
    """The name decides which type the value must have."""
    with pytest.raises(TypeError, match=expected):
        encode_metadata(metadata)


@given(st.text(max_size=500))
def test_every_text_of_a_status_comes_back(text: str) -> None:
    """Encoded text is printable ASCII, and decodes to the original, with grpclib as well."""
    written = encode_status_text(text)
    assert written.isascii()
    assert written.isprintable()
    assert written == encode_grpc_message(text)
    assert decode_status_text(written) == decode_grpc_message(written) == text


@pytest.mark.parametrize("letter", ["x", "%", "é", "☺", "😈"])
@pytest.mark.parametrize("start", range(4))
def test_a_long_text_of_a_status_is_cut_between_characters(letter: str, start: int) -> None:
    """Wherever the limit falls, what is sent is the beginning of the text and three dots."""
    text = "." * start + letter * 10_000
    written = encode_status_text(text)
    assert 6_100 < len(written) <= 6_144
    shown = decode_grpc_message(written)
    assert shown.endswith(f"{letter}...")
    assert text.startswith(shown.removesuffix("..."))


def test_the_longest_text_of_a_status_is_whole() -> None:
    """One character more is too much."""
    longest = "x" * 6_144
    assert encode_status_text(longest) == longest
    assert encode_status_text(longest + "x") == "x" * 6_141 + "..."


@pytest.mark.parametrize(
    ("written", "meant"),
    [("100%", "100%"), ("%zz%4", "%zz%4"), ("%ff", "\ufffd"), ("\xc3\xbc", "ü"), ("%C3%bc", "ü")],
)
def test_a_text_that_is_badly_written(written: str, meant: str) -> None:
    """Invalid escapes are kept or replaced; raw UTF-8, which some peers send, is read."""
    assert decode_status_text(written) == meant
