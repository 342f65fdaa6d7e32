"""A model of Go's encoding/json, for messages that no Go program has written.

`test_go_json.py` compares it with what Go wrote, so it may stand in for Go where that is not
installed: for fields that were added to the contract after the fixtures were made.
"""

import json
import math
import struct
from base64 import b64encode
from collections.abc import Iterator, Mapping
from decimal import Decimal

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import fields_of, is_map

_SINGLE_DIGITS = 9
_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def go_json(message: Message, *, omitempty: bool) -> str:
    """Return what encoding/json writes for the Go struct of a message.

    Without `omitempty`, it writes every field: zeros, and null for what is nil.
    """
    members = ",".join(
        f"{_string(field.name)}:{value}"
        for field in fields_of(type(message))
        if (value := _member(message, field, omitempty=omitempty))
    )
    return f"{{{members}}}"


def _member(message: Message, field: FieldDescriptor, *, omitempty: bool) -> str:
    """Return a field's JSON, or `""` if it is left out."""
    value = getattr(message, field.name)
    if is_map(field):
        text = ",".join(_entries(value, field, omitempty=omitempty))
        return f"{{{text}}}" if text else _nil(omitempty)
    if field.is_repeated:
        text = ",".join(_value(item, field, omitempty=omitempty) for item in value)
        return f"[{text}]" if text else _nil(omitempty)
    if field.has_presence:
        # Go leaves out a list without elements, and bytes are a list.
        is_bytes = field.type == FieldDescriptor.TYPE_BYTES
        is_set = bool(value) if is_bytes and omitempty else message.HasField(field.name)
        return _value(value, field, omitempty=omitempty) if is_set else _nil(omitempty)
    if value or (not omitempty and field.type != FieldDescriptor.TYPE_BYTES):
        return _value(value, field, omitempty=omitempty)
    return _nil(omitempty)


def _nil(omitempty: bool) -> str:
    return "" if omitempty else "null"


def _entries(
    values: Mapping[object, object], field: FieldDescriptor, *, omitempty: bool
) -> Iterator[str]:
    assert field.message_type is not None
    value_field = field.message_type.fields_by_name["value"]
    keys = {str(key): key for key in values}
    # Go sorts the keys as text, by their bytes.
    for text in sorted(keys, key=str.encode):
        value = _value(values[keys[text]], value_field, omitempty=omitempty)
        yield f"{_string(text)}:{value}"


def _value(value: object, field: FieldDescriptor, *, omitempty: bool) -> str:
    match value:
        case Message():
            return go_json(value, omitempty=omitempty)
        case bool():
            return "true" if value else "false"
        case bytes():
            return _string(b64encode(value).decode())
        case str():
            return _string(value)
        case float():
            return go_number(value, single=field.type == FieldDescriptor.TYPE_FLOAT)
        case _:
            return str(value)


def _string(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    for old, new in _ESCAPES.items():
        written = written.replace(old, new)
    return written


def go_number(number: float, *, single: bool) -> str:
    """Return a finite number with the fewest digits that identify it in its size."""
    digits, exponent = _shortest(number, single=single)
    sign = "-" if str(number).startswith("-") else ""
    if number and (exponent < -6 or exponent >= 21):
        mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        return f"{sign}{mantissa}e{exponent:+d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _shortest(number: float, *, single: bool) -> tuple[str, int]:
    """Return the digits of a number, and the exponent of the first one."""
    # Python's repr has the fewest digits of a double, and no counterpart for a single.
    decimal = Decimal(_single(abs(number)) if single else repr(abs(number)))
    shortest = decimal.normalize()
    return "".join(map(str, shortest.as_tuple().digits)), shortest.adjusted()


def _single(number: float) -> str:
    texts = (f"{number:.{precision}e}" for precision in range(_SINGLE_DIGITS))
    return next(text for text in texts if _rounded(float(text)) == _rounded(number))


def _rounded(number: float) -> float:
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.inf
    return rounded
