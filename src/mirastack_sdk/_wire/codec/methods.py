"""The methods of a service, and the interfaces of what serves and calls them."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol  # noqa: TID251 - each method has messages of its own


class Method[Request, Response](NamedTuple):
    """One unary method: its name, its path and its messages."""

    name: str
    path: str
    request_type: type[Request]
    response_type: type[Response]


class Handler[Request, Response](NamedTuple):
    """The function that serves a method."""

    method: Method[Request, Response]
    respond: Callable[[Request], Awaitable[Response]]


type AnyMethod = Method[Any, Any]
type Handlers = Mapping[str, Handler[Any, Any]]


class Caller(Protocol):
    """The object that a generated stub makes its calls with."""

    @abstractmethod
    async def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        metadata: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Return the response to one call, within `timeout` seconds."""
