"""The contract's codecs in one encoding, held to a size."""

from collections.abc import Mapping
from functools import cached_property

from mirastack_sdk._wire.codec import CodecTable
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk.errors import MessageTooLargeError

type Codecs = Mapping[Encoding, CodecTable]


class ChannelCodec:
    """Encodes and decodes every message of the contract in one encoding, up to a size."""

    def __init__(self, encoding: Encoding, codecs: Codecs, max_message_bytes: int) -> None:
        self.encoding = encoding
        self.max_message_bytes = max_message_bytes
        self._codecs = codecs

    @cached_property
    def _table(self) -> CodecTable:
        # Not before the first message: it may have to be loaded.
        return self._codecs[self.encoding]

    def encode[M](self, message: M, message_type: type[M]) -> bytes:
        """Return the bytes of `message`; raises `EncodeError` and `MessageTooLargeError`."""
        data = self._table.for_type(message_type).encode(message)
        if len(data) > self.max_message_bytes:
            raise MessageTooLargeError(len(data), self.max_message_bytes)
        return data

    def decode[M](self, data: bytes, message_type: type[M]) -> M:
        """Return the message in `data`; raises `DecodeError`."""
        return self._table.for_type(message_type).decode(data)


def channel_codecs(codecs: Codecs, max_message_bytes: int) -> Mapping[Encoding, ChannelCodec]:
    """Return a codec for each encoding, all with one size limit."""
    return {encoding: ChannelCodec(encoding, codecs, max_message_bytes) for encoding in codecs}
