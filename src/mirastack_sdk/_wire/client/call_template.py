"""What the calls of one method have in common, prepared once."""

import math
from typing import Final

from mirastack_sdk._wire.client.call_response import ResponseCheck
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.message_codec import MethodCodec
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import HeaderEncoder

_MOST_KEPT: Final = 256


class CallTemplate:
    """The codec of one method, the check of its responses, and its encoded headers.

    `block` is that of a call without a deadline.
    """

    __slots__ = ("_encoder", "_timed", "block", "check", "codec")

    def __init__(
        self, encoding: Encoding, codec: MethodCodec, headers: Headers, encoder: HeaderEncoder
    ) -> None:
        self.codec = codec
        self.check = ResponseCheck(encoding)
        self.block = encoder.encode(headers)
        self._encoder = encoder
        # By the value of `grpc-timeout`, of which there are few.
        self._timed: dict[str, bytes] = {}

    def timed(self, seconds: float) -> bytes:
        """Return the block of a call that may take so many seconds."""
        timeout = encode_timeout(seconds)
        block = self._timed.get(timeout)
        if block is None:
            if len(self._timed) >= _MOST_KEPT:
                self._timed.clear()
            block = self._timed[timeout] = self.block + self._encoder.encode(
                (("grpc-timeout", timeout),)
            )
        return block


def encode_timeout(seconds: float) -> str:
    """Return a `grpc-timeout` of at least `seconds` (gRPC over HTTP/2, "Requests").

    Rounded up to few digits, because equal header blocks are encoded once. The client itself keeps
    the exact deadline.
    """
    if seconds >= 10:
        return f"{min(math.ceil(seconds), 99_999_999)}S"
    if seconds >= 0.1:
        return f"{math.ceil(seconds * 10) * 100}m"
    return f"{max(math.ceil(seconds * 1000), 1)}m"
