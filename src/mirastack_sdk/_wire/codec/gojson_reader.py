"""The readers of JSON values, which behave as Go's encoding/json does with structs.

As in Go, unknown keys are ignored, `null` is the zero value, an integer has no fraction and no
exponent, and a lone surrogate becomes U+FFFD. Unlike in Go, field names are case-sensitive, text
that is not UTF-8 is an error, bytes are base64 and never an array, and the last of duplicate keys
counts.

`where` is the message and field that a value is read for. Every reader raises only DecodeError.
"""

import json
import re
import struct
from binascii import a2b_base64
from collections.abc import Callable

from mirastack_sdk._text import decoded, refuse_constant
from mirastack_sdk._wire.codec.checks import INT32, INT64, UINT32, UINT64
from mirastack_sdk._wire.codec.message_codec import MAX_DEPTH, MAX_ELEMENTS, MESSAGE_WEIGHT
from mirastack_sdk.errors import DecodeError

type _ReadInteger = Callable[[object, str], int]

_FLOAT = struct.Struct("<f")

# A message in a list or a map takes two levels of JSON.
_MAX_LEVELS = 2 * MAX_DEPTH + 1

# The length of the longest int64 or uint64.
_INTEGER_CHARACTERS = 20

_SIGNED_KEY = re.compile("[+-]?[0-9]+")
_UNSIGNED_KEY = re.compile("[0-9]+")

_SURROGATE = re.compile(r"[\ud800-\udfff]")
# A string, closed or not: if an open one did not match, its content would count as structure.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_ALL_SQUARE = bytes.maketrans(b"{}", b"[]")


def _integer(literal: str) -> int | float:
    # Longer ones fit no field; a float is enough to report that, and parses in linear time.
    return int(literal) if len(literal) <= _INTEGER_CHARACTERS else float(literal)


_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=refuse_constant)
_SCAN: Callable[[str, int], tuple[object, int]] = _DECODER.scan_once  # type: ignore[attr-defined] # typeshed leaves it out


def read_message(data: bytes) -> dict[str, object]:
    """Return the fields of a message; `null` is a message without fields."""
    value = read_value(data)
    return value if type(value) is dict else read_object(value, "the message")


def read_value(data: bytes) -> object:
    """Return the value that a JSON text stands for."""
    _check_size(data)
    try:
        value = decoded(data.decode(), _SCAN, _DECODER.decode)
    except UnicodeDecodeError as error:
        raise DecodeError(f"the message is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise DecodeError(
            f"the message is not JSON: {error.msg} at character {error.pos}"
        ) from None
    except ValueError as error:
        raise DecodeError(f"the message is not JSON: {error}") from None
    return value


def _check_size(data: bytes) -> None:
    """Raise `DecodeError` for a message that would cost too much to parse."""
    brackets = data.count(b"[") + data.count(b"{")
    values = data.count(b",") + brackets * MESSAGE_WEIGHT
    if brackets <= _MAX_LEVELS and values <= MAX_ELEMENTS:
        return
    bare = _STRING.sub(b"", data)
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") * MESSAGE_WEIGHT > MAX_ELEMENTS:
        raise DecodeError(f"the message holds more than {MAX_ELEMENTS} elements")
    # Each pass removes the innermost level.
    nesting = bare.translate(_ALL_SQUARE, _NOT_BRACKETS)
    for _ in range(_MAX_LEVELS):
        nesting = nesting.replace(b"[]", b"")
    if nesting:
        raise DecodeError(f"the message is nested deeper than {_MAX_LEVELS} levels, or not closed")


def _wrong_type(where: str, expected: str, value: object) -> DecodeError:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a bool"}
    return DecodeError(f"{where}: expected {expected}, got {names.get(type(value), 'a number')}")


def read_object(value: object, where: str) -> dict[str, object]:
    """Return an object's fields."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong_type(where, "an object", value)
    return value


def read_list(value: object, where: str) -> list[object]:
    """Return an array's elements."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong_type(where, "an array", value)
    return value


def read_string(value: object, where: str) -> str:
    """Return text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(where, "a string", value)
    return value if value.isascii() else _SURROGATE.sub("\ufffd", value)


def read_bytes(value: object, where: str) -> bytes:
    """Return the bytes of a base64 string, which may have line breaks, as in Go."""
    if value is None:
        return b""
    if not isinstance(value, str):
        raise _wrong_type(where, "a base64 string", value)
    text = value.replace("\r", "").replace("\n", "")
    try:
        data = a2b_base64(text, strict_mode=True)
    except ValueError:
        raise _not_base64(where) from None
    # Strict mode accepts excess padding.
    if len(text) != (len(data) + 2) // 3 * 4:
        raise _not_base64(where)
    return data


def _not_base64(where: str) -> DecodeError:
    return DecodeError(f"{where}: expected padded base64 in the standard alphabet")


def read_bool(value: object, where: str) -> bool:
    """Return a bool."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _wrong_type(where, "a bool", value)
    return value


def _integer_reader(bounds: tuple[int, int]) -> Callable[[object, str], int]:
    lowest, highest = bounds

    def read(value: object, where: str) -> int:
        if value is None:
            return 0
        if type(value) is int and lowest <= value <= highest:
            return value
        expected = f"an integer from {lowest} to {highest}"
        if type(value) in (int, float):
            raise DecodeError(f"{where}: expected {expected}, got another number")
        raise _wrong_type(where, expected, value)

    return read


def _key_reader(bounds: tuple[int, int]) -> Callable[[str, str], int]:
    lowest, highest = bounds
    form = _SIGNED_KEY if lowest < 0 else _UNSIGNED_KEY

    def read(key: str, where: str) -> int:
        if form.fullmatch(key) and lowest <= (number := _integer(key)) <= highest:
            return int(number)
        raise DecodeError(f"{where}: expected a key that is an integer from {lowest} to {highest}")

    return read


read_int32_key = _key_reader(INT32)
read_int64_key = _key_reader(INT64)
read_uint32_key = _key_reader(UINT32)
read_uint64_key = _key_reader(UINT64)


def read_bool_keys(where: str) -> DecodeError:
    """Return the error for a map whose keys are bools."""
    return DecodeError(
        f"{where}: Go's encoding/json cannot read a map whose keys are bools; use protobuf"
    )


def read_oneof(where: str) -> DecodeError:
    """Return the error for a oneof, of which Go cannot know the type."""
    return DecodeError(f"{where}: Go's encoding/json cannot read a oneof; use protobuf")


read_int32: _ReadInteger = _integer_reader(INT32)
read_int64: _ReadInteger = _integer_reader(INT64)
read_uint32: _ReadInteger = _integer_reader(UINT32)
read_uint64: _ReadInteger = _integer_reader(UINT64)


def read_double(value: object, where: str) -> float:
    """Return a float of 64 bits."""
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong_type(where, "a number", value)
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise DecodeError(f"{where}: expected a float of 64 bits, got a larger number")
    return number


def read_float(value: object, where: str) -> float:
    """Return a float of 32 bits."""
    try:
        number: float = _FLOAT.unpack(_FLOAT.pack(read_double(value, where)))[0]
    except OverflowError:
        raise DecodeError(f"{where}: expected a float of 32 bits, got a larger number") from None
    return number
