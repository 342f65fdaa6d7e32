"""Metadata and status texts as gRPC sends them in headers."""

from binascii import a2b_hex, b2a_base64, b2a_hex
from collections.abc import Collection, Mapping

from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._wire.http2.events import Headers

type Metadata = Mapping[str, str | bytes] | Collection[tuple[str, str | bytes]]

# "Header-Name" and "ASCII-Value" (gRPC over HTTP/2, "Requests").
_NAME = deferred_pattern(r"[0-9a-z_.-]+")
_TEXT = deferred_pattern(r"[ -~]+")
# "Percent-Encoded" (gRPC over HTTP/2, "Responses"): all but printable ASCII and "%" is escaped.
_ESCAPED = deferred_pattern(rb"[^ -$&-~]")
_ESCAPE = deferred_pattern(rb"%([0-9A-Fa-f]{2})")
# gRPC peers accept 8 KiB of metadata. Some report a status of their own where there is more.
_LONGEST_STATUS_TEXT = 6_144
_CUT = "..."
_RESERVED = frozenset({"te", "content-type", "user-agent"})


def encode_metadata(metadata: Metadata) -> Headers:
    """Return metadata as headers; values of names that end in `-bin` are bytes.

    Raises `ValueError` for a name or text that gRPC does not allow, `TypeError` for a wrong type.
    """
    items = metadata.items() if isinstance(metadata, Mapping) else metadata
    return tuple(
        (_name(name), _value(name, value))  # pyright: ignore[reportArgumentType] # pairs are no keys
        for name, value in items
    )


def encode_status_text(text: str) -> str:
    """Return the value of the header `grpc-message` for the text of a status.

    Long text is cut, between two characters.
    """
    encoded = _escaped(text[: _LONGEST_STATUS_TEXT + 1])
    if len(encoded) <= _LONGEST_STATUS_TEXT:
        return encoded
    kept = encoded[: _LONGEST_STATUS_TEXT - len(_CUT)]
    if "%" in kept[-2:]:
        kept = kept[: kept.rindex("%")]
    return _escaped(_unescaped(kept).decode("utf-8", "ignore")) + _CUT


def decode_status_text(text: str) -> str:
    """Return the text in a header `grpc-message`; invalid UTF-8 is replaced."""
    return _unescaped(text).decode("utf-8", "replace")


def _escaped(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return _ESCAPED.sub(lambda match: b"%" + b2a_hex(match[0]).upper(), data).decode("ascii")


def _unescaped(text: str) -> bytes:
    return _ESCAPE.sub(lambda match: a2b_hex(match[1]), text.encode("latin-1", "replace"))


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None or name in _RESERVED or name.startswith("grpc-"):
        raise ValueError(f"{name!r} is not a valid metadata name")
    return name


def _value(name: str, value: str | bytes) -> str:
    if name.endswith("-bin"):
        if not isinstance(value, bytes):
            raise TypeError(f"metadata {name} must be bytes, got {type(value).__name__}")
        return b2a_base64(value, newline=False).decode("ascii").rstrip("=")
    if not isinstance(value, str):
        raise TypeError(f"metadata {name} must be text, got {type(value).__name__}")
    if _TEXT.fullmatch(value) is None:
        raise ValueError(f"the text of metadata {name} must be printable ASCII, and not empty")
    return value
