"""Texts that stand for bytes, which are not cut like other texts."""

from collections.abc import Callable, Mapping

from pydantic import Base64Encoder, EncodedBytes, EncodedStr
from pydantic.types import Base64UrlEncoder


class Base64(str):
    """Bytes in base64."""

    __slots__ = ()


class Hex(str):
    """Bytes in hexadecimal digits."""

    __slots__ = ()


ENCODINGS: Mapping[object, type[str]] = {"base64": Base64, "hex": Hex}
"""The text that bytes become, by the format in a class's config."""

_BASE64 = (Base64Encoder, Base64UrlEncoder)


def text_encoder(function: object) -> Callable[[object], str] | None:
    """What writes the values of a type such as `Base64Bytes`, if this is its own serializer.

    That returns the encoded text as bytes, which must not be encoded once more.
    """
    owner: object = getattr(function, "__self__", None)
    if not isinstance(owner, EncodedBytes | EncodedStr) or not callable(function):
        return None
    is_base64, encode = owner.encoder in _BASE64, function

    def encoded(value: object) -> str:
        found = encode(value)
        text = found.decode() if isinstance(found, bytes) else str(found)
        return Base64(text) if is_base64 else text

    return encoded
