"""The methods of a service, and the interfaces of what serves and calls them."""

from abc import abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol  # noqa: TID251 - each method has messages of its own

from mirastack_sdk._deferred.named_tuples import NamedTuple


class Method[Request, Response](NamedTuple):
    """One method: its name, its path, its messages, and which of them are streams."""

    name: str
    path: str
    request_type: type[Request]
    response_type: type[Response]
    client_streaming: bool = False
    server_streaming: bool = False


class Handler[Request, Response](NamedTuple):
    """The function that serves a unary method."""

    method: Method[Request, Response]
    respond: Callable[[Request], Awaitable[Response]]


class UnaryStreamHandler[Request, Response](NamedTuple):
    """The function that serves a method with a stream of responses."""

    method: Method[Request, Response]
    respond: Callable[[Request], AsyncIterator[Response]]


class StreamUnaryHandler[Request, Response](NamedTuple):
    """The function that serves a method with a stream of requests."""

    method: Method[Request, Response]
    respond: Callable[[AsyncIterator[Request]], Awaitable[Response]]


class StreamStreamHandler[Request, Response](NamedTuple):
    """The function that serves a method with a stream of requests and one of responses."""

    method: Method[Request, Response]
    respond: Callable[[AsyncIterator[Request]], AsyncIterator[Response]]


type AnyMethod = Method[Any, Any]
type UnaryHandler = Handler[Any, Any]
type StreamHandler = (
    UnaryStreamHandler[Any, Any] | StreamUnaryHandler[Any, Any] | StreamStreamHandler[Any, Any]
)
type Handlers = Mapping[str, UnaryHandler | StreamHandler]


class ResponseStream[Response](AsyncIterator[Response]):
    """The responses to one call, in the order in which they arrive."""

    @abstractmethod
    async def aclose(self) -> None:
        """Cancel the call if it has not ended; returns when nothing of it is left."""


class Caller(Protocol):
    """The object that a generated stub makes its unary calls with."""

    @abstractmethod
    async def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return the response to one call, within `timeout` seconds."""


class StreamCaller(Caller, Protocol):
    """The object that a stub of a service with streams makes its calls with."""

    @abstractmethod
    def unary_stream[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Send a request, and return its responses; all must arrive within `timeout` seconds."""

    @abstractmethod
    async def stream_unary[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send requests, and return the response to all of them, within `timeout` seconds."""

    @abstractmethod
    def stream_stream[Request, Response](
        self,
        method: Method[Request, Response],
        requests: AsyncIterable[Request] | Iterable[Request],
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> ResponseStream[Response]:
        """Send requests, and return the responses; all must arrive within `timeout` seconds."""
