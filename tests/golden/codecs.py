"""The codecs of the SDK by the name of a message."""

from mirastack_sdk._gen import gojson_codec, messages, protobuf_codec
from mirastack_sdk._wire.codec.message_codec import CodecTable, MessageCodec


def protobuf(name: str) -> MessageCodec[messages.Message]:
    """Return a message's protobuf codec."""
    return _codec(protobuf_codec.CODECS, name)


def gojson(name: str) -> MessageCodec[messages.Message]:
    """Return a message's JSON codec."""
    return _codec(gojson_codec.CODECS, name)


def _codec(table: CodecTable, name: str) -> MessageCodec[messages.Message]:
    message_type: type[messages.Message] = getattr(messages, name)
    return table.for_type(message_type)
