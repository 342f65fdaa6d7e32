"""The responses to a call with streams, as its caller iterates over them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import suppress

from mirastack_sdk._wire.client.call_errors import CallLostError, Loss
from mirastack_sdk._wire.client.streamed_call import StreamedCall
from mirastack_sdk._wire.codec.message_codec import MessageCodec
from mirastack_sdk._wire.codec.methods import ResponseStream
from mirastack_sdk._wire.streaming.closing import close_iterator
from mirastack_sdk.errors import DecodeError, MessageTooLargeError

type StartCall = Callable[[], Awaitable[StreamedCall]]


class Responses[Response](ResponseStream[Response]):
    """Makes the call when the first response is asked for, and cancels it when it is left.

    It is left by `aclose`, by any error, the cancellation of the task that waits for a response
    included, or when nobody refers to the iterator any more, as after a `break`. A call that the
    server did not process is made again, `tries` times in all, unless requests are a stream: those
    that were taken from it are lost.
    """

    def __init__(self, start: StartCall, codec: MessageCodec[Response], tries: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = start
        self._codec = codec
        self._tries_left = tries
        self._call: StreamedCall | None = None
        self._is_closed = False

    async def __anext__(self) -> Response:
        if self._is_closed:
            raise StopAsyncIteration
        try:
            message = await self._next()
            if message is not None:
                return self._codec.decode(message)
        except BaseException:
            self._close()
            raise
        await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Cancel the call if it has not ended, and wait until its requests are closed."""
        self._is_closed = True
        if self._call is not None:
            await self._call.aclose()

    async def _next(self) -> bytes | None:
        while True:
            try:
                if self._call is None:
                    self._call = await self._start()
                return await self._call.next()
            except CallLostError as error:
                self._tries_left -= 1
                if error.loss is not Loss.REFUSED or not self._may_try_again():
                    raise
            self._close_call()

    def _may_try_again(self) -> bool:
        return self._tries_left > 0 and (self._call is None or self._call.is_repeatable)

    def _close_call(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call.close()

    def _close(self) -> None:
        self._is_closed = True
        self._close_call()

    def __del__(self) -> None:
        if self._is_closed or self._call is None:
            return
        # In whatever thread, and between whatever steps of the connection, the collector runs.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._call.close)


async def only_response[Response](responses: ResponseStream[Response], method: str) -> Response:
    """Return the one response of a call whose requests are a stream.

    Raises `DecodeError` if there is none or more than one.
    """
    found: list[Response] = []
    try:
        async for response in responses:
            found.append(response)
            if len(found) > 1:
                raise DecodeError(f"there is more than one response of {method}")
    finally:
        await responses.aclose()
    if not found:
        raise DecodeError("the status is OK, but there is no message")
    return found[0]


async def encoded[Request](
    requests: AsyncIterable[Request] | Iterable[Request],
    codec: MessageCodec[Request],
    max_message_bytes: int,
) -> AsyncGenerator[bytes, None]:
    """Encode requests when they are asked for; closes their iterator if it is a generator."""
    if not isinstance(requests, AsyncIterable):
        for request in requests:
            yield encode(request, codec, max_message_bytes)
        return
    iterator = aiter(requests)
    try:
        async for request in iterator:
            yield encode(request, codec, max_message_bytes)
    finally:
        await close_iterator(iterator)


def encode[Request](
    request: Request, codec: MessageCodec[Request], max_message_bytes: int
) -> bytes:
    """Encode one request; raises `EncodeError` or `MessageTooLargeError`."""
    data = codec.encode(request)
    if len(data) > max_message_bytes:
        raise MessageTooLargeError(len(data), max_message_bytes)
    return data
