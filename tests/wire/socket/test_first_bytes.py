"""The first bytes from a peer tell which protocol it speaks."""

import pytest

from mirastack_sdk._wire.socket.first_bytes import is_http2, not_http2, speaks_tls


@pytest.mark.parametrize("frame_type", range(10))
@pytest.mark.parametrize("flags", [0, 0xFF])
def test_a_frame_of_each_known_type_is_http2(frame_type: int, flags: int) -> None:
    """The byte after the type does not matter."""
    assert is_http2(bytes([0, 0, 4, frame_type, flags, 0, 0, 0, 1]))


@pytest.mark.parametrize(
    "first", [b"\0\0\x04\x0a\0", b"HTTP/1.1 200 OK", b"SSH-2.0-", b"\x01\0\0\0"]
)
def test_other_protocols_are_not_http2(first: bytes) -> None:
    """A frame of an unknown type, a very long one, or text is none to begin with."""
    assert not is_http2(first)


@pytest.mark.parametrize(
    ("first", "answer"),
    [(b"\x16\x03\x01", True), (b"\x15\x03", True), (b"\x17\x03", False), (b"\x16\x02", False)],
)
def test_tls_begins_with_a_handshake_or_an_alert(first: bytes, *, answer: bool) -> None:
    """Other records of TLS come later."""
    assert speaks_tls(first) is answer


def test_the_sentence_shows_the_beginning_only() -> None:
    """What another server sends is shown in ASCII, and is short."""
    assert not_http2(b"HTTP/1.1 400 \xff\n" + bytes(100)) == (
        "the server there does not speak HTTP/2, its first bytes are "
        "'HTTP/1.1 400 \\xff\\n\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'"
    )
