"""Google's classes for the streams' messages, which protoc has written into the search path."""

import importlib
from collections.abc import Callable
from typing import Protocol

from google.protobuf.message import Message


class StreamRequestMessage(Protocol):
    """The field of a ChatStreamRequest that is read."""

    @property
    def params_json(self) -> bytes:
        """How many messages are asked for."""


class TokenMessage(Protocol):
    """The field of a ChatTokenResponse that is read."""

    @property
    def token(self) -> str:
        """The text."""


_GENERATED = importlib.import_module("mirastack.plugin.v1.plugin_pb2")

read_request: Callable[[bytes], StreamRequestMessage] = _GENERATED.ChatStreamRequest.FromString
Token: Callable[..., Message] = _GENERATED.ChatTokenResponse
read_token: Callable[[bytes], TokenMessage] = _GENERATED.ChatTokenResponse.FromString
write_token: Callable[[Message], bytes] = _GENERATED.ChatTokenResponse.SerializeToString
