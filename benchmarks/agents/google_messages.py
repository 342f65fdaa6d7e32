"""Google's classes for the contract, which protoc has written into the search path."""

import importlib
from collections.abc import Callable

from google.protobuf.message import Message

from benchmarks.agents.by_hand import CacheGetResponseMessage, ExecuteRequestMessage

_GENERATED = importlib.import_module("mirastack.plugin.v1.plugin_pb2")

read_execute_request: Callable[[bytes], ExecuteRequestMessage] = (
    _GENERATED.ExecuteRequest.FromString
)
ExecuteResponse: Callable[..., Message] = _GENERATED.ExecuteResponse
write_execute_response: Callable[[Message], bytes] = _GENERATED.ExecuteResponse.SerializeToString

CacheGetRequest: Callable[..., Message] = _GENERATED.CacheGetRequest
write_cache_get_request: Callable[[Message], bytes] = _GENERATED.CacheGetRequest.SerializeToString
read_cache_get_response: Callable[[bytes], CacheGetResponseMessage] = (
    _GENERATED.CacheGetResponse.FromString
)
