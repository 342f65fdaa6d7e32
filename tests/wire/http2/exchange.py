"""The exchange of a program between two peers, and the comparison of their records."""

import itertools
from collections.abc import Callable, Iterator

from hypothesis import note

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from tests.wire.http2.conversation import assert_understood
from tests.wire.http2.peers import OurPeer, Peer
from tests.wire.http2.programs import (
    Action,
    Program,
    Step,
    chunk,
    request_headers,
    response_headers,
    trailers,
)

# After so many pieces the rest of a delivery comes at once: programs are many.
_PIECES = 200
_MOST_STREAMS = 40
_CODES = (ErrorCode.CANCEL, ErrorCode.NO_ERROR, ErrorCode.REFUSED_STREAM, ErrorCode.INTERNAL_ERROR)


class Exchange:
    """Two peers, and the bytes between them."""

    def __init__(self, client: Peer, server: Peer, program: Program) -> None:
        self.client, self.server = client, server
        self._program = program
        self._fragments = itertools.cycle(program.fragments)
        self._to_server = bytearray()
        self._to_client = bytearray()
        self._now = 0.0
        self._count = 0
        self._actions: dict[Action, Callable[[Peer, Step], None]] = {
            Action.OPEN: self._open,
            Action.REPLY: self._respond,
            Action.SEND_BODY: self._send_body,
            Action.FINISH: self._finish,
            Action.CANCEL: self._cancel,
            Action.READ: self._read,
            Action.PING: self._ping,
            Action.TUNE: self._tune,
            Action.DELIVER: self._deliver,
            Action.LEAVE: self._leave,
        }

    def run(self) -> None:
        """Do every step, then end every stream, and check at both points."""
        if self._program.handshake or self._program.limits.max_concurrent_streams == 2:
            # A client that does not know the limit is refused what is above it.
            self.settle()
        steps = self._program.steps
        note("\n".join(map(str, steps)))
        for step in steps:
            self._now += 1.0
            self._count += 1
            self._actions[step.action](self.client if step.by_client else self.server, step)
        eager = self.client.eager, self.server.eager
        self.client.eager = self.server.eager = False
        self.settle()
        self.check_windows()
        self.check_progress()
        self.client.eager, self.server.eager = eager
        self._wind_up()
        self.check_streams()
        self.check_windows()
        self._part()

    def settle(self) -> None:
        """Deliver until both are silent."""
        for _ in range(1_000):
            self._collect()
            if not self._to_server and not self._to_client:
                return
            self._now += 1.0
            self._move(self._to_server, self.server, None)
            self._move(self._to_client, self.client, None)
        raise AssertionError("the peers do not come to rest")

    def check_windows(self) -> None:
        """One side's window for sending equals the other side's window for receiving."""
        numbers = self.client.conversations.keys() & self.server.conversations.keys()
        for one, other in self._both_ways():
            for number in (0, *numbers):
                may_send, would_take = one.send_window(number), other.receive_window(number)
                if may_send is not None and would_take is not None:
                    assert may_send == would_take, f"stream {number}"

    def check_progress(self) -> None:
        """Only a closed window delays data."""
        for one, other in self._both_ways():
            for number in one.conversations.keys() & other.conversations.keys():
                speaker, listener = one.conversations[number], other.conversations[number]
                if speaker.was_reset or listener.was_reset:
                    continue
                if len(speaker.said.body) == len(listener.heard.body):
                    assert_understood(speaker, listener)
                    continue
                windows = one.send_window(0), one.send_window(number)
                assert min(window for window in windows if window is not None) <= 0

    def check_streams(self) -> None:
        """Everything that was sent has arrived, and nothing is left."""
        for number, client in self.client.conversations.items():
            server = self.server.conversations.get(number)
            assert server is not None
            assert_understood(client, server)
            assert_understood(server, client)
        for peer in (self.client, self.server):
            assert peer.pongs == peer.pings
            assert peer.open_streams == 0
            assert all(one.is_over for one in peer.conversations.values())

    def _both_ways(self) -> Iterator[tuple[Peer, Peer]]:
        yield self.client, self.server
        yield self.server, self.client

    def _collect(self) -> None:
        for peer, wire in ((self.client, self._to_server), (self.server, self._to_client)):
            while data := peer.take(self._program.take):
                wire.extend(data)

    def _move(self, wire: bytearray, to: Peer, size: int | None) -> None:
        data = bytes(wire if size is None else wire[:size])
        del wire[: len(data)]
        position = 0
        for count, fragment in enumerate(self._fragments):
            if position >= len(data):
                return
            end = position + fragment if count < _PIECES else len(data)
            to.receive(data[position:end], self._now)
            position = end

    def _open(self, peer: Peer, step: Step) -> None:
        if len(self.client.conversations) < _MOST_STREAMS:
            self.client.open(request_headers(step.pick, step.size), end=step.flag and step.pick > 4)

    def _respond(self, peer: Peer, step: Step) -> None:
        waiting = [
            number
            for number, one in self.server.conversations.items()
            if one.said.headers is None and not one.was_reset
        ]
        if waiting:
            headers = response_headers(step.pick, step.size)
            self.server.respond(waiting[step.pick % len(waiting)], headers, end=step.size == 1)

    def _sending(self, peer: Peer, step: Step) -> int | None:
        able = [number for number, one in peer.conversations.items() if one.may_send]
        if not able:
            return None
        number = able[step.pick % len(able)]
        if peer.conversations[number].said.headers is None:
            peer.respond(number, response_headers(step.pick, step.size))
        return number

    def _send_body(self, peer: Peer, step: Step) -> None:
        number = self._sending(peer, step)
        if number is not None:
            padding = step.size % 256 if step.flag else 0
            data = chunk(step.size, self._count)
            end = step.size > 0 and step.flag and step.pick > 5
            peer.send_body(number, data, padding=padding, end=end)

    def _finish(self, peer: Peer, step: Step) -> None:
        number = self._sending(peer, step)
        if number is None:
            return
        other = self.server if peer is self.client else self.client
        window = peer.send_window(number)
        if step.flag and other.takes_late_trailers:
            peer.finish(number, trailers(step.pick, step.size))
        elif isinstance(other, OurPeer) or window is None or window >= 0:
            # h2 refuses an empty frame below that; section 6.9.1 lets it end a stream even then.
            peer.finish(number, None)

    def _cancel(self, peer: Peer, step: Step) -> None:
        live = [number for number, one in peer.conversations.items() if not one.was_reset]
        if live:
            peer.cancel(live[step.pick % len(live)], _CODES[step.size % len(_CODES)])

    def _read(self, peer: Peer, step: Step) -> None:
        live = [number for number, one in peer.conversations.items() if not one.is_over]
        if live:
            peer.read(live[step.pick % len(live)])

    def _ping(self, peer: Peer, step: Step) -> None:
        peer.ping(self._count.to_bytes(8))

    def _tune(self, peer: Peer, step: Step) -> None:
        peer.tune(step.pick, step.size)

    def _deliver(self, peer: Peer, step: Step) -> None:
        self._collect()
        wire, to = (
            (self._to_server, self.server)
            if peer is self.client
            else (self._to_client, self.client)
        )
        self._move(wire, to, step.size if step.flag else None)

    def _leave(self, peer: Peer, step: Step) -> None:
        assert isinstance(self.server, OurPeer)
        assert self.server.role is Role.SERVER
        self.server.connection.drain()

    def _wind_up(self) -> None:
        for peer in (self.client, self.server):
            for number, one in peer.conversations.items():
                if not one.was_reset:
                    peer.open_wide(number)
        for peer in (self.client, self.server):
            for number, one in peer.conversations.items():
                if not one.may_send:
                    continue
                if one.said.headers is None:
                    peer.respond(number, response_headers(0, 0))
                peer.finish(number, trailers(0, 0))
        self.settle()

    def _part(self) -> None:
        if len(self._program.script) % 2:
            leaving, staying, last = self.client, self.server, 0
        else:
            last = max(self.server.conversations, default=0)
            leaving, staying = self.server, self.client
        code = _CODES[len(self._program.fragments) % len(_CODES)]
        leaving.say_goodbye(code, "that was all")
        self.settle()
        assert staying.goaways[-1] == (last, code, "that was all")
