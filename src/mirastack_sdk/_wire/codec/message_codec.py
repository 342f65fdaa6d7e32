"""The tables of codecs: the writer and reader of each message class, and of each method."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any  # noqa: TID251 - no type pairs a class with its own codec

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import AnyMethod
from mirastack_sdk.errors import EncodeError

MAX_DEPTH = 100
"""How deep messages, groups and JSON values may nest: google protobuf's own limit."""

MAX_ELEMENTS = 1_000_000
"""How many elements the lists, maps and unknown fields of one message may have in total.

An element can take two bytes of input, and becomes a Python object of a hundred: without a limit,
64 MiB of input would become gigabytes. Lists whose elements average 64 bytes reach the size limit
of a message first.
"""

MAX_FIELDS = 4 * MAX_ELEMENTS
"""How many fields one message and those in it may have in total, empty messages included.

A field of which only the last value counts may be repeated without becoming an element: without a
limit, 64 MiB of such fields would take many seconds to read.
"""

MESSAGE_WEIGHT = 4
"""How many elements a message counts as, since it is larger than a number or a string."""


class MessageCodec[M](NamedTuple):
    """The writer and reader of one message class in one encoding.

    `encode` raises only EncodeError, `decode` only DecodeError.
    """

    encode: Callable[[M], bytes]
    decode: Callable[[bytes], M]


class CodecTable:
    """The codecs of all message classes in one encoding."""

    def __init__(self) -> None:
        self._codecs: dict[type[Any], MessageCodec[Any]] = {}

    def add[M](self, message_type: type[M], codec: MessageCodec[M]) -> None:
        """Set the codec of a message class."""
        self._codecs[message_type] = codec

    def __contains__(self, message_type: object) -> bool:
        return message_type in self._codecs

    def for_type[M](self, message_type: type[M]) -> MessageCodec[M]:
        """Return the codec of a message class; raises EncodeError if it has none."""
        try:
            return self._codecs[message_type]
        except KeyError:
            raise EncodeError(f"there is no codec for {message_type.__name__}") from None


type Codecs = Mapping[Encoding, CodecTable]


class MethodCodec(NamedTuple):
    """The codecs of a method's request and response."""

    request: MessageCodec[Any]  # Any: each method has messages of its own
    response: MessageCodec[Any]  # Any: see above


class ChannelCodec:
    """The codecs of all methods in one encoding, and the maximum size of a message.

    `for_method` looks each method up once, when it is first called, because a table may have to be
    imported. It raises EncodeError for a class without a codec.
    """

    def __init__(self, encoding: Encoding, codecs: Codecs, max_message_bytes: int) -> None:
        self.encoding = encoding
        self.max_message_bytes = max_message_bytes
        self._codecs = [codecs]
        # `cache` is written in C: a hit costs no Python call.
        self.for_method: Callable[[AnyMethod], MethodCodec] = cache(self._look_up)

    def add(self, codecs: Codecs) -> None:
        """Know the codecs of more methods."""
        self._codecs.append(codecs)

    def _look_up(self, method: AnyMethod) -> MethodCodec:
        tables = [codecs[self.encoding] for codecs in self._codecs if self.encoding in codecs]
        known = [table for table in tables if method.request_type in table]
        table = (known or tables)[0]
        return MethodCodec(
            table.for_type(method.request_type), table.for_type(method.response_type)
        )


def channel_codecs(codecs: Codecs, max_message_bytes: int) -> Mapping[Encoding, ChannelCodec]:
    """Return the codec of each encoding, all with the same size limit."""
    return {encoding: ChannelCodec(encoding, codecs, max_message_bytes) for encoding in codecs}
