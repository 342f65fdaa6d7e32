"""The record of what two applications exchange on a stream."""

from dataclasses import dataclass, field

from mirastack_sdk._wire.http2.events import Headers


@dataclass(slots=True)
class Half:
    """One direction of a stream: headers, body, trailers, and the end or a reset."""

    headers: Headers | None = None
    body: bytearray = field(default_factory=bytearray)
    trailers: Headers | None = None
    ended: bool = False
    reset: int | None = None

    def begin(self, headers: Headers) -> None:
        assert self.headers is None
        assert not self.is_over
        self.headers = headers

    def add(self, data: bytes) -> None:
        assert self.headers is not None
        assert not self.is_over
        self.body += data

    def finish(self, trailers: Headers | None = None) -> None:
        assert self.headers is not None
        assert not self.is_over
        self.trailers = trailers
        self.ended = True

    def abort(self, code: int) -> None:
        """A reset may follow the end: that of a stream whose other direction is open."""
        assert self.reset is None
        self.reset = code

    @property
    def is_over(self) -> bool:
        return self.ended or self.reset is not None

    def same_content(self, other: "Half") -> bool:
        """Whether everything but a reset is the same."""
        return (self.headers, self.body, self.trailers, self.ended) == (
            other.headers,
            other.body,
            other.trailers,
            other.ended,
        )

    def is_start_of(self, whole: "Half") -> bool:
        """Whether this is a prefix of `whole`, as it arrives when a stream is cut short."""
        if self.ended:
            return self.same_content(whole)
        if self.headers is None:
            return not self.body
        return self.headers == whole.headers and whole.body.startswith(self.body)


@dataclass(slots=True)
class Conversation:
    """One stream, as the application on one end sees it."""

    said: Half = field(default_factory=Half)
    heard: Half = field(default_factory=Half)

    @property
    def was_reset(self) -> bool:
        return self.said.reset is not None or self.heard.reset is not None

    @property
    def may_send(self) -> bool:
        return not self.was_reset and not self.said.ended

    @property
    def is_over(self) -> bool:
        return self.was_reset or (self.said.ended and self.heard.ended)


def assert_understood(speaker: Conversation, listener: Conversation) -> None:
    """Assert that the receiver got what the sender sent."""
    said, heard = speaker.said, listener.heard
    if not speaker.was_reset and not listener.was_reset:
        assert heard.same_content(said), f"said {said}, heard {heard}"
        return
    assert heard.is_start_of(said), f"said {said}, heard {heard}"
    if heard.reset is not None:
        assert heard.reset == said.reset
    elif said.reset is not None:
        # Too late to be of interest: the listener had ended the stream already.
        assert listener.said.reset is not None or (heard.ended and listener.said.ended)
