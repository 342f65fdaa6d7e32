"""One call at a server: its message in, its outcome out."""

import asyncio
from collections.abc import Callable

from grpclib.const import Handler
from grpclib.exceptions import GRPCError

from mirastack_sdk._log import Log
from mirastack_sdk._wire.call import IncomingCall, enter_call
from mirastack_sdk._wire.channel_codec import ChannelCodec
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.message_reader import MessageReader
from mirastack_sdk._wire.status import CallRefused, Status
from mirastack_sdk.errors import DecodeError, EncodeError, MessageTooLargeError

_LOG = Log("server")

SHUTTING_DOWN = "the server is shutting down"


class Outcome:
    """How a call ends: a status, and a message where it is OK."""

    __slots__ = ("data", "message", "status")

    def __init__(self, status: Status, message: str = "", data: bytes = b"") -> None:
        self.status = status
        self.message = message
        self.data = data


class ServerCall:
    """Runs the handler of one admitted call, and hands its outcome to `finish`, once.

    It is what a generated handler takes for its stream: `recv_message` and `send_message`.
    `deferred` says that its request is whole, but that it has to wait.
    """

    __slots__ = (
        "_call",
        "_codec",
        "_finish",
        "_handler",
        "_reply",
        "_timer",
        "deferred",
        "ending",
        "expired",
        "reader",
        "stream_id",
        "task",
    )

    def __init__(
        self,
        stream_id: int,
        call: IncomingCall,
        handler: Handler,
        codec: ChannelCodec,
        finish: Callable[["ServerCall", Outcome], None],
    ) -> None:
        self.stream_id = stream_id
        self.reader = MessageReader(codec.max_message_bytes)
        self.task: asyncio.Task[None] | None = None
        self.deferred = False
        self.ending = False
        self.expired = False
        self._call = call
        self._handler = handler
        self._codec = codec
        self._finish = finish
        self._reply: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def method(self) -> str:
        """The path that was called."""
        return self._call.method

    @property
    def encoding(self) -> Encoding:
        """The encoding of the request, and of its answer."""
        return self._call.encoding

    def is_late(self, now: float) -> bool:
        """Whether the caller has given up by `now`, an instant of the loop's clock."""
        return self._call.deadline is not None and self._call.deadline <= now

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the handler; one that never waits is done when this returns."""
        if self._call.deadline is not None:
            self._timer = loop.call_at(self._call.deadline, self._expire)
        self.task = asyncio.Task(self._run(), loop=loop, eager_start=True)

    def cancel(self, *, ending: bool = False) -> None:
        """End the handler; `ending` answers that the server shuts down, else nobody is told."""
        self.ending = ending
        if self.task is not None:
            self.task.cancel()

    async def recv_message(self) -> object | None:
        """Return the request, or `None` when the caller sent none."""
        message = self.reader.message
        return None if message is None else self._codec.decode(message, self._handler.request_type)

    async def send_message(self, message: object) -> None:
        """Keep the reply until the handler has ended."""
        self._reply = self._codec.encode(message, self._handler.reply_type)

    def _expire(self) -> None:
        self.expired = True
        if self.task is not None:
            self.task.cancel()

    async def _run(self) -> None:
        enter_call(self._call)
        try:
            outcome = await self._outcome()
        finally:
            if self._timer is not None:
                self._timer.cancel()
        self._finish(self, outcome)

    async def _outcome(self) -> Outcome:
        try:
            await self._handler.func(self)
        except asyncio.CancelledError:
            if self.expired:
                return Outcome(
                    Status.DEADLINE_EXCEEDED, "the call took longer than its deadline allows"
                )
            if self.ending:
                return Outcome(Status.UNAVAILABLE, SHUTTING_DOWN)
            raise
        except Exception as error:  # noqa: BLE001 - a task's root: every failure becomes a status
            return failure(self.method, error)
        if self._reply is None:
            _LOG.error("the handler of %s sent no reply", self.method)
            return Outcome(Status.INTERNAL, "internal error")
        return Outcome(Status.OK, data=self._reply)


def failure(method: str, error: Exception) -> Outcome:
    """Return how a call ends that failed with `error`."""
    match error:
        case CallRefused():
            return Outcome(error.status, error.message)
        case GRPCError():
            return Outcome(error.status, error.message or "")
        case DecodeError():
            return Outcome(Status.INVALID_ARGUMENT, f"the request cannot be read: {error}")
        case MessageTooLargeError():
            return Outcome(Status.RESOURCE_EXHAUSTED, str(error))
        case EncodeError():
            _LOG.error("the reply of %s cannot be written: %s", method, error)
            return Outcome(Status.INTERNAL, "the reply cannot be written")
        case _:
            _LOG.error("%s failed", method, exc_info=error)
            return Outcome(Status.INTERNAL, "internal error")
