"""Services that are loaded when they are first called."""

from collections.abc import Callable, Iterable

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._wire.codec.message_codec import Codecs
from mirastack_sdk._wire.codec.methods import Handlers, StreamHandler, UnaryHandler

type Loaded = tuple[Handlers, Codecs]


@dataclass(frozen=True, slots=True, kw_only=True)
class LazyService:
    """A service that few clients call: its code and memory are not there before it is called.

    `load` returns its handlers and the codecs of its messages. `sequences` are those of its `paths`
    that take a stream of requests. `needs_token` says whether its calls must carry the server's
    bearer token, if there is one.
    """

    paths: frozenset[str]
    load: Callable[[], Loaded]
    sequences: frozenset[str] = frozenset()
    needs_token: bool = True


class Methods(dict[str, UnaryHandler | StreamHandler]):
    """The handlers of a server, by path; lazy services are loaded when one is asked for."""

    def __init__(
        self,
        handlers: Handlers,
        lazy: Iterable[LazyService],
        add_codecs: Callable[[Codecs], None],
    ) -> None:
        super().__init__(handlers)
        self._lazy = {path: service for service in lazy for path in service.paths}
        self._add_codecs = add_codecs

    def __contains__(self, path: object) -> bool:
        return super().__contains__(path) or path in self._lazy

    def __missing__(self, path: str) -> UnaryHandler | StreamHandler:
        handlers, codecs = self._lazy[path].load()
        self._add_codecs(codecs)
        self.update(handlers)
        return self[path]
