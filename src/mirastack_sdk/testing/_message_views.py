"""Messages of the contract as people read them."""

import json
from collections.abc import Mapping
from enum import IntEnum

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.proto_message import ProtoMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class WireMessage:
    """One message as it travels in either encoding."""

    json: str
    protobuf: bytes


def wire_message(message: ProtoMessage) -> WireMessage:
    """The message in both encodings, whichever it was sent in."""
    as_json = CODECS[Encoding.JSON].for_type(type(message)).encode(message)
    as_protobuf = CODECS[Encoding.PROTOBUF].for_type(type(message)).encode(message)
    return WireMessage(json=as_json.decode(), protobuf=as_protobuf)


def readable(message: ProtoMessage) -> dict[str, object]:
    """The fields of a message as JSON values.

    Bytes are the JSON that they hold if the field's name ends with `_json`, or else their text.
    """
    return _members(message.to_pydict(casing=str, include_default_values=True))


def _members(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _readable(name, value) for name, value in fields.items()}


def _readable(name: str, value: object) -> object:
    shown: object = value
    match value:
        case IntEnum():
            shown = value.name
        case bytes():
            shown = _parsed(value) if name.endswith("_json") else _text(value)
        case list():
            shown = [_readable(name, item) for item in value]
        case Mapping():
            shown = _members(value)
        case _:
            pass
    return shown


def _parsed(data: bytes) -> object:
    text = _text(data)
    try:
        parsed: object = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return text
    return parsed


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex()
