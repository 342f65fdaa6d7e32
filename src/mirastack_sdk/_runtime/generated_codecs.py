"""The generated codecs, by encoding, as the wire takes them."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import Codecs, CodecTable

_MODULES = {
    Encoding.PROTOBUF: "mirastack_sdk._gen.protobuf_codec",
    Encoding.JSON: "mirastack_sdk._gen.gojson_codec",
}


class _GeneratedCodecs(Mapping[Encoding, CodecTable]):
    """Each encoding's codecs, loaded at their first use: most agents need only one encoding."""

    def __getitem__(self, encoding: Encoding) -> CodecTable:
        table: CodecTable = import_module(_MODULES[encoding]).CODECS
        return table

    def __iter__(self) -> Iterator[Encoding]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


CODECS: Codecs = _GeneratedCodecs()
