"""A server's connection whose client has only so much time: the timeouts, put into effect."""

import asyncio
from abc import abstractmethod
from collections import deque

from mirastack_sdk._wire.grpc.status import Status
from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import PingAcknowledged
from mirastack_sdk._wire.http2.streams import Progress
from mirastack_sdk._wire.server.client_watch import Actions, ClientStatus, ClientWatch, PartialBody
from mirastack_sdk._wire.server.connection_age import AgeStep, AgeWatch
from mirastack_sdk._wire.server.server_call import Outcome, ServerCall
from mirastack_sdk._wire.server.server_state import ServerState
from mirastack_sdk._wire.socket.jitter import uniform
from mirastack_sdk._wire.socket.protocol import Http2Protocol

_KEEPALIVE_PING = b"stillup?"
# How long the client of an old connection may take to read that it should open no more calls.
_OLD_DRAIN_SECONDS = 10.0
_OLD = "the connection has reached its maximum age"
_SLOW = Outcome(Status.DEADLINE_EXCEEDED, "the request was not complete in time")
_LATE = Outcome(Status.DEADLINE_EXCEEDED, "the client reads its responses too slowly")


class TimedConnection(Http2Protocol):
    """Asks `ClientWatch` at each `check` what to do about the client, and does it.

    `_calls` are the calls without an outcome, by stream. `_deferred` are those that could run, but
    wait until the client has read enough of other responses.
    """

    def __init__(self, state: ServerState) -> None:
        now = asyncio.get_running_loop().time()
        super().__init__(
            Connection(
                Role.SERVER,
                state.limits,
                now=now,
                sequences=state.sequences,
                whole_messages=True,
            ),
            state.scheduler,
            state.write_batch,
        )
        self._state = state
        self._calls: dict[int, ServerCall] = {}
        self._deferred: deque[ServerCall] = deque()
        self._watch = ClientWatch(state.timeouts, now)
        self._age = AgeWatch(state.connection_age, now, uniform)
        self._closing_since: float | None = None

    def check(self, now: float) -> None:
        """Enforce the server's timeouts and the maximum age at `now`, by the loop's clock."""
        if self._transport.is_closing():
            self._check_closing(now)
            return
        for call in self._deferred:
            if call.is_late(now):
                self.finish(call, _LATE)
        self._deferred = deque(one for one in self._deferred if one.stream_id in self._calls)
        self._act(self._watch.check(self._status(), now))
        if not self._transport.is_closing():
            self._apply_age(now)

    def abort(self) -> None:
        """Close at once, without waiting for a client that does not read."""
        self._transport.abort()

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """Whether calls may still arrive, run, or have responses to be written."""

    @abstractmethod
    def drain(self, wait: float) -> None:
        """Ask the client to open no more streams, and serve those that it has opened."""

    @abstractmethod
    def close(self) -> None:
        """Send GOAWAY and what is queued, and close; refused requests may be sent again."""

    @property
    @abstractmethod
    def _is_overfull(self) -> bool:
        """Whether too much data waits to be sent."""

    @abstractmethod
    def finish(self, call: ServerCall, outcome: Outcome) -> None:
        """Send the outcome of a call, unless its stream is gone."""

    @abstractmethod
    def _close_after_goaway(self) -> None:
        """Cancel every call, and close when the client has had time to read why."""

    @abstractmethod
    def _after_check(self) -> None:
        """Start calls that may run now, since streams have been closed."""

    def _on_ping_answered(self, event: PingAcknowledged) -> None:
        if event.payload == _KEEPALIVE_PING:
            self._watch.ping_answered(self._heard_at)

    def _apply_age(self, now: float) -> None:
        match self._age.next_step(now, is_busy=self.is_busy):
            case AgeStep.DRAIN:
                self.drain(_OLD_DRAIN_SECONDS)
            case AgeStep.CANCEL_CALLS:
                self._cancel_calls_of_old_connection()
            case AgeStep.CLOSE:
                self.close()
            case AgeStep.NOTHING:
                pass

    def _cancel_calls_of_old_connection(self) -> None:
        calls = list(self._calls.values())
        self._state.log_client(
            "age", "cancelled %d calls: the grace period of their connection is over", len(calls)
        )
        for call in calls:
            if call.task is not None:
                call.cancel(ending=_OLD)
            else:
                # It never ran, so the client may send it again.
                self._http2.reset(call.stream_id, ErrorCode.REFUSED_STREAM)
                del self._calls[call.stream_id]
        self._writer.flush()

    def _check_closing(self, now: float) -> None:
        # The client has closed its side; the transport waits until it has read all that is queued.
        self._closing_since = self._closing_since or now
        if now - self._closing_since >= self._state.timeouts.stalled_reader:
            self.abort()

    def _status(self) -> ClientStatus:
        http2 = self._http2
        return ClientStatus(
            settings_received=http2.settings_received,
            heard_at=self._heard_at,
            unfinished_since=http2.unfinished_since,
            unsent_bytes=self._transport.get_write_buffer_size(),
            bodies=self._bodies(),
            blocked=self._blocked() if http2.queued_bytes else {},
            overfull=self._is_overfull,
        )

    def _bodies(self) -> dict[PartialBody, int]:
        bodies: dict[PartialBody, int] = {}
        for stream_id, call in self._calls.items():
            requests = call.requests
            if requests is not None:
                # A stream may rest between messages, but not inside one that is waited for.
                if requests.is_starved:
                    bodies[PartialBody(stream_id, requests.messages)] = requests.received
            elif call.task is None and not call.deferred:
                bodies[PartialBody(stream_id)] = call.received
        return bodies

    def _blocked(self) -> dict[int, Progress]:
        """Return the streams that the client should read.

        A handler that sends a stream waits with it, so little of it is queued. Its client may take
        its time, unless the streams together hold up new calls.
        """
        blocked = self._http2.blocked()
        if self._is_overfull:
            return blocked
        return {
            number: progress for number, progress in blocked.items() if number not in self._calls
        }

    def _act(self, actions: Actions) -> None:
        if actions.close:
            self._state.log_client("closed", "closed a connection: %s", actions.close)
            if actions.is_lost:
                self.abort()
            else:
                self._http2.end(ErrorCode.NO_ERROR, actions.close)
                self._close_after_goaway()
            return
        for body in actions.late_bodies:
            call = self._calls[body.stream_id]
            self.finish(call, _SLOW)
            call.cancel()
        for stream_id in actions.stalled:
            self._state.log_client("dropped", "dropped a response that its client does not read")
            self._http2.reset(stream_id, ErrorCode.ENHANCE_YOUR_CALM)
            if stream_id in self._calls:
                self._calls.pop(stream_id).cancel()
        if actions.ping:
            self._http2.ping(_KEEPALIVE_PING)
        self._writer.flush()
        self._after_check()
