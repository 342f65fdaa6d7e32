"""Who speaks, where the first bytes of a server are not those of HTTP/2."""

_HIGHEST_FRAME_TYPE = b"\x09"
_SHOWN_BYTES = 24
# The first row whose bytes are there decides; TLS has a word of its own.
_SPEAKERS: tuple[tuple[bytes, str], ...] = (
    (b"HTTP/1.", "an HTTP/1.1 server answers there"),
    (b"SSH-", "an SSH server answers there"),
    (b"-ERR", "a Redis server answers there"),
    (b"-NOAUTH", "a Redis server answers there"),
    (b"-DENIED", "a Redis server answers there"),
    (b"+OK", "a POP3 or Redis server answers there"),
    (b"* OK", "an IMAP server answers there"),
    (b"220", "a mail or FTP server answers there"),
    (b"RFB ", "a VNC server answers there"),
    (b"AMQP", "an AMQP broker answers there"),
    (b"<", "a server answers there with a page or XML"),
)


def is_http2(first: bytes) -> bool:
    """Whether bytes may be the beginning of an HTTP/2 frame, a short one of a known type."""
    return first[:1] == b"\0" and first[3:4] <= _HIGHEST_FRAME_TYPE


def who_speaks(first: bytes) -> str:
    """Return a clause that names what has sent `first`, with the bytes, safe to print."""
    who = next((who for start, who in _SPEAKERS if first.startswith(start)), None)
    shown = ascii(first[:_SHOWN_BYTES].decode("latin-1"))
    return f"{who or 'something that does not speak HTTP/2 answers there'} (it began with {shown})"
