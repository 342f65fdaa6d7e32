"""A message class has its own codec."""

import dataclasses

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec
from mirastack_sdk.errors import EncodeError


class _Message:
    pass


def _encode(message: _Message) -> bytes:
    return type(message).__name__.encode()


def _decode(_: bytes) -> _Message:
    return _Message()


def test_a_class_finds_its_codec() -> None:
    """The codec that was added is the codec that is found."""
    table = CodecTable()
    codec = MessageCodec(_encode, _decode)
    table.add(_Message, codec)
    assert table.for_type(_Message) is codec


def test_a_class_without_a_codec_is_named() -> None:
    """A class without a codec is an EncodeError that names it."""
    with pytest.raises(EncodeError, match="there is no codec for _Message"):
        CodecTable().for_type(_Message)


def test_the_fields_of_a_message_are_attributes_of_instances_alone() -> None:
    """Python looks them up fast only if the class has no attributes of the same names."""
    names = [field.name for field in dataclasses.fields(wire.ExecuteRequest)]
    assert "context" in names
    assert not [name for name in names if hasattr(wire.ExecuteRequest, name)]
    assert vars(wire.ExecuteRequest()).keys() == set(names)
