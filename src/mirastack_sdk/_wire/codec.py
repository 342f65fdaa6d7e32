"""How a message class is paired with the functions that write and read it."""

from collections.abc import Callable
from typing import Any, NamedTuple

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
        # Any: that a class is paired with its own codec is `add`'s promise; no type can say it.
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
