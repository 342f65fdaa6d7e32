"""The engine as a hand-written agent calls it with grpcio's asyncio client."""

import grpc.aio
from google.protobuf.message import Message

from benchmarks.agents import google_messages as google
from benchmarks.agents.by_hand import (
    CACHE_GET,
    CALL_SECONDS,
    METADATA,
    CacheGetResponseMessage,
    cached_text,
)


class GrpcioEngine:
    """Connects when first called, on the loop that calls."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._calls: grpc.aio.UnaryUnaryMultiCallable[Message, CacheGetResponseMessage] | None = (
            None
        )

    async def cache_get(self, key: str) -> str | None:
        """Read one cached text."""
        if self._calls is None:
            self._calls = grpc.aio.insecure_channel(self._address).unary_unary(
                CACHE_GET,
                request_serializer=google.write_cache_get_request,
                response_deserializer=google.read_cache_get_response,
            )
        request = google.CacheGetRequest(key=key)
        response = await self._calls(request, timeout=CALL_SECONDS, metadata=METADATA)
        return cached_text(response)
