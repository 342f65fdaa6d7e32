"""Codecs: the functions that write and read one message class, by class and by method."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple  # noqa: TID251 - no type pairs a class with its own codec

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import AnyMethod
from mirastack_sdk.errors import EncodeError

MAX_DEPTH = 100
"""How deep messages, groups and JSON values may nest: google protobuf's own limit."""

MAX_ELEMENTS = 1_000_000
"""How many elements one message may hold in all its lists and maps and unknown fields together.

Two bytes are enough for an element, and a Python object is a hundred times as
large: without a bound, 64 MiB of input become gigabytes. A list whose elements
average 64 bytes fills the largest message that is accepted before it comes here.
"""

MESSAGE_WEIGHT = 4
"""How many elements a message counts for: it is that much larger than a number or a string."""


class MessageCodec[M](NamedTuple):
    """One message class's writer and reader in one encoding.

    `encode` raises EncodeError, `decode` raises DecodeError, neither anything else.
    """

    encode: Callable[[M], bytes]
    decode: Callable[[bytes], M]


class CodecTable:
    """Every message class's codec in one encoding."""

    def __init__(self) -> None:
        self._codecs: dict[type[Any], MessageCodec[Any]] = {}

    def add[M](self, message_type: type[M], codec: MessageCodec[M]) -> None:
        """Pair a message class with its codec."""
        self._codecs[message_type] = codec

    def for_type[M](self, message_type: type[M]) -> MessageCodec[M]:
        """Return the codec of a message class, or raise EncodeError for a class without."""
        try:
            return self._codecs[message_type]
        except KeyError:
            raise EncodeError(f"there is no codec for {message_type.__name__}") from None


type Codecs = Mapping[Encoding, CodecTable]


class MethodCodec(NamedTuple):
    """The codecs of a method's two messages."""

    request: MessageCodec[Any]  # Any: each method has messages of its own
    response: MessageCodec[Any]  # Any: see above


class ChannelCodec:
    """The codecs of every method in one encoding, and the most bytes a message may have.

    `for_method` looks each method up once, and not before its first message: a table may have to be
    loaded. It raises EncodeError for a class without a codec.
    """

    def __init__(self, encoding: Encoding, codecs: Codecs, max_message_bytes: int) -> None:
        self.encoding = encoding
        self.max_message_bytes = max_message_bytes
        self._codecs = codecs
        # A cache answers without a Python call.
        self.for_method: Callable[[AnyMethod], MethodCodec] = cache(self._look_up)

    def _look_up(self, method: AnyMethod) -> MethodCodec:
        table = self._codecs[self.encoding]
        return MethodCodec(
            table.for_type(method.request_type), table.for_type(method.response_type)
        )


def channel_codecs(codecs: Codecs, max_message_bytes: int) -> Mapping[Encoding, ChannelCodec]:
    """Return a codec for each encoding, all with one size limit."""
    return {encoding: ChannelCodec(encoding, codecs, max_message_bytes) for encoding in codecs}
