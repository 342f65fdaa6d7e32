"""The first bytes from a peer, which tell HTTP/2, TLS and other protocols apart."""

_TLS_RECORDS = frozenset({b"\x15\x03", b"\x16\x03"})
_LAST_FRAME_TYPE = b"\x09"
_MAX_SHOWN = 24


def speaks_tls(first: bytes) -> bool:
    """Whether bytes begin a TLS record: an alert or a handshake (RFC 8446 §5.1)."""
    return first[:2] in _TLS_RECORDS


def is_http2(first: bytes) -> bool:
    """Whether bytes may begin an HTTP/2 frame: a short one of a known type (RFC 9113 §4.1)."""
    return first[:1] == b"\0" and first[3:4] <= _LAST_FRAME_TYPE


def not_http2(first: bytes) -> str:
    """Return the sentence about a server that is neither, with its first bytes, safe to print."""
    shown = ascii(first[:_MAX_SHOWN].decode("latin-1"))
    return f"the server there does not speak HTTP/2, its first bytes are {shown}"
