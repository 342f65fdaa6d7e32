"""The codecs of the SDK by the name of a message."""

from mirastack_sdk._gen import gojson_codec, messages, protobuf_codec
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec
from mirastack_sdk._wire.codec.proto_message import ProtoMessage


def protobuf(name: str) -> MessageCodec[ProtoMessage]:
    """Return a message's protobuf codec."""
    return _codec(protobuf_codec.CODECS, name)


def gojson(name: str) -> MessageCodec[ProtoMessage]:
    """Return a message's JSON codec."""
    return _codec(gojson_codec.CODECS, name)


def _codec(table: CodecTable, name: str) -> MessageCodec[ProtoMessage]:
    message_type: type[ProtoMessage] = getattr(messages, name)
    return table.for_type(message_type)
