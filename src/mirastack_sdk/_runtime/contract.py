"""The generated codecs, by encoding, as the wire takes them."""

from mirastack_sdk._gen import gojson_codec, protobuf_codec
from mirastack_sdk._wire.channel_codec import Codecs
from mirastack_sdk._wire.encoding import Encoding

CODECS: Codecs = {
    Encoding.PROTOBUF: protobuf_codec.CODECS,
    Encoding.JSON: gojson_codec.CODECS,
}
