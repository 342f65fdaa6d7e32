"""What gRPC carries beside messages: metadata, and the text of a status."""

import re
from binascii import a2b_hex, b2a_base64, b2a_hex
from collections.abc import Collection, Mapping

from mirastack_sdk._wire.http2.events import Headers

type Metadata = Mapping[str, str | bytes] | Collection[tuple[str, str | bytes]]

_NAME = re.compile(r"[0-9a-z_.-]+")
_TEXT = re.compile(r"[ -~]+")
# What stands for itself in a status's text: printable ASCII save the sign that escapes.
_PLAIN = re.compile(rb"[^ -$&-~]")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_RESERVED = frozenset({"te", "content-type", "user-agent"})


def encode_metadata(metadata: Metadata) -> Headers:
    """Return metadata as headers; the value of a name that ends in `-bin` is bytes.

    Raises `ValueError` for a name or text that gRPC does not allow, `TypeError` for the wrong type.
    """
    items = metadata.items() if isinstance(metadata, Mapping) else metadata
    return tuple(
        (_name(name), _value(name, value))  # pyright: ignore[reportArgumentType] # pairs are no keys
        for name, value in items
    )


def encode_status_text(text: str) -> str:
    """Return the text of a status as the header `grpc-message` has it."""
    data = text.encode("utf-8", "replace")
    return _PLAIN.sub(lambda match: b"%" + b2a_hex(match[0]).upper(), data).decode("ascii")


def decode_status_text(text: str) -> str:
    """Return the text that a header `grpc-message` means; what cannot be read is replaced."""
    data = _ESCAPE.sub(lambda match: a2b_hex(match[1]), text.encode("latin-1", "replace"))
    return data.decode("utf-8", "replace")


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None or name in _RESERVED or name.startswith("grpc-"):
        raise ValueError(f"{name!r} is no name for metadata")
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
