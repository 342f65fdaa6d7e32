"""Answers the calls of one connection."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import grpclib.server
from grpclib.const import Cardinality, Handler
from grpclib.events import _DispatchServerEvents
from grpclib.exceptions import GRPCError
from grpclib.metadata import encode_grpc_message
from grpclib.protocol import AbstractHandler, Stream

from mirastack_sdk._wire.admission import Headers, Rejection, admit
from mirastack_sdk._wire.call import IncomingCall, enter_call
from mirastack_sdk._wire.channel_codec import ChannelCodec
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.framing import read_message
from mirastack_sdk._wire.status import CallRefused, Status
from mirastack_sdk.errors import DecodeError, EncodeError, MessageTooLargeError

_LOG = logging.getLogger("mirastack_sdk.server")

_SHUTTING_DOWN = "the server is shutting down"
# How long a peer may keep us from writing the end of a call that was cancelled.
_FAREWELL_SECONDS = 1.0


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """What all connections of a server share.

    `running` holds the task of every admitted call. While `draining`, new calls are refused; once
    `ending`, cancelled calls are answered as such.
    """

    methods: Mapping[str, Handler]
    codecs: Mapping[Encoding, ChannelCodec]
    running: set[asyncio.Task[None]] = field(default_factory=set)
    draining: bool = False
    ending: bool = False


class CallStream[Request, Reply](grpclib.server.Stream[Request, Reply]):
    """One call, in the encoding it came in."""

    def __init__(
        self, stream: Stream, call: IncomingCall, handler: Handler, codec: ChannelCodec
    ) -> None:
        super().__init__(
            stream,
            call.method,
            Cardinality.UNARY_UNARY,
            handler.request_type,
            handler.reply_type,
            codec=codec,
            status_details_codec=None,
            dispatch=_DispatchServerEvents(),
        )
        self._call_codec = codec

    async def recv_message(self) -> Request | None:
        """Return the request, or `None` when the caller sent none."""
        data = await read_message(self._stream, self._call_codec.max_message_bytes)
        return None if data is None else self._call_codec.decode(data, self._recv_type)


class CallHandler(AbstractHandler):
    """Runs one task a call; grpclib's connection tells it of new and cancelled streams."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[Stream, asyncio.Task[None]] = {}

    def accept(
        self, stream: Stream, headers: Headers, release_stream: Callable[[], object]
    ) -> None:
        """Start answering a new stream; it is released however its task ends."""
        task = self._loop.create_task(self._answer(stream, headers))
        self._tasks[stream] = task

        def release(_: asyncio.Task[None]) -> None:
            self._tasks.pop(stream, None)
            release_stream()

        task.add_done_callback(release)

    def cancel(self, stream: Stream) -> None:
        """Stop answering a stream that the caller has reset."""
        task = self._tasks.get(stream)
        if task is not None:
            task.cancel()

    def close(self) -> None:
        """Stop answering every stream: the connection is gone."""
        for task in self._tasks.values():
            task.cancel()

    async def _answer(self, stream: Stream, headers: Headers) -> None:
        try:
            verdict = admit(headers, self._state.methods, self._loop.time())
            if isinstance(verdict, Rejection):
                await _reject(stream, verdict)
            elif self._state.draining:
                refusal = Rejection(
                    http_status=200,
                    status=Status.UNAVAILABLE,
                    message=_SHUTTING_DOWN,
                    encoding=verdict.encoding,
                )
                await _reject(stream, refusal)
            else:
                await self._run(stream, verdict)
        except Exception:  # noqa: BLE001 - a task's root
            # The peer cannot be told any more: the stream or its connection is gone.
            _LOG.debug("a call could not be answered", exc_info=True)

    async def _run(self, stream: Stream, call: IncomingCall) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has a task
        self._state.running.add(task)
        task.add_done_callback(self._state.running.discard)
        handler = self._state.methods[call.method]
        codec = self._state.codecs[call.encoding]
        call_stream = CallStream[object, object](stream, call, handler, codec)
        enter_call(call)
        status, message = await self._outcome(call, handler, call_stream)
        if status is Status.OK:
            await call_stream.send_trailing_metadata()
            return
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await call_stream.send_trailing_metadata(status=status, status_message=message)

    async def _outcome(
        self, call: IncomingCall, handler: Handler, stream: CallStream[object, object]
    ) -> tuple[Status, str | None]:
        limit = asyncio.timeout(call.timeout)
        try:
            async with limit:
                await handler.func(stream)
        except TimeoutError as error:
            if limit.expired():
                return Status.DEADLINE_EXCEEDED, "the call took longer than its deadline allows"
            return _failure(call, error)
        except asyncio.CancelledError:
            if not self._state.ending:
                raise
            return Status.UNAVAILABLE, _SHUTTING_DOWN
        except Exception as error:  # noqa: BLE001 - a task's root: every failure becomes a status
            return _failure(call, error)
        return Status.OK, None


def _failure(call: IncomingCall, error: Exception) -> tuple[Status, str | None]:
    match error:
        case CallRefused():
            return error.status, error.message
        case GRPCError():
            return error.status, error.message
        case DecodeError():
            return Status.INVALID_ARGUMENT, f"the request cannot be read: {error}"
        case MessageTooLargeError():
            return Status.RESOURCE_EXHAUSTED, str(error)
        case EncodeError():
            _LOG.error("the reply of %s cannot be written: %s", call.method, error)
            return Status.INTERNAL, "the reply cannot be written"
        case _:
            _LOG.error("%s failed", call.method, exc_info=error)
            return Status.INTERNAL, "internal error"


async def _reject(stream: Stream, rejection: Rejection) -> None:
    subtype = rejection.encoding.value
    headers = [
        (":status", str(rejection.http_status)),
        ("content-type", f"application/grpc+{subtype}"),
        ("grpc-status", str(rejection.status.value)),
        ("grpc-message", encode_grpc_message(rejection.message)),
    ]
    await stream.send_headers(headers, end_stream=True)
    if stream.closable:
        stream.reset_nowait()
