"""The calls of a local engine as they happen, for tests and tools that watch an agent."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from functools import partial
from itertools import count
from typing import get_args

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import Handler, Handlers, UnaryHandler
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.server.grpc_server import Servable
from mirastack_sdk.testing._local.engine_faults import EngineRpc
from mirastack_sdk.testing._message_views import readable

_NAMES: Mapping[str, str] = {name.replace("_", ""): name for name in get_args(EngineRpc.__value__)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedCall:
    """One call of the engine, while it runs or after its end.

    `number` is the same in both cases. `method` is its name in snake_case. `execution_id` is empty
    for methods whose messages do not name the execution. `request` and `response` hold the fields
    of the messages as JSON values; JSON in bytes is parsed. `started` is an instant of the engine's
    clock in seconds, and `duration` the seconds until the end. `error` says why the call failed.
    """

    number: int
    method: str
    plugin_name: str
    tenant_id: str
    execution_id: str
    encoding: Encoding
    started: float
    request: Mapping[str, object] = field(repr=False)
    response: Mapping[str, object] | None = field(default=None, repr=False)
    duration: float | None = None
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether the call has ended."""
        return self.duration is not None


type CallObserver = Callable[[ObservedCall], object]


class Observers:
    """The functions that are told of each call."""

    def __init__(self) -> None:
        self._functions: list[CallObserver] = []

    def __bool__(self) -> bool:
        return bool(self._functions)

    @contextmanager
    def adding(self, function: CallObserver) -> Iterator[None]:
        """Tell `function` of calls during the block."""
        self._functions.append(function)
        try:
            yield
        finally:
            self._functions.remove(function)

    def notify(self, call: ObservedCall) -> None:
        """Tell all of them."""
        for function in tuple(self._functions):
            function(call)


class ObservedService:
    """A service of the engine, each of whose calls is shown to observers."""

    def __init__(self, service: Servable, observers: Observers, clock: Clock) -> None:
        self._service = service
        self._observers = observers
        self._clock = clock
        self._numbers = count(1)

    def __mapping__(self) -> Handlers:
        return {
            path: handler._replace(respond=partial(self._respond, handler))
            if isinstance(handler, Handler)
            else handler
            for path, handler in self._service.__mapping__().items()
        }

    async def _respond(self, handler: UnaryHandler, request: ProtoMessage) -> object:
        if not self._observers:
            return await handler.respond(request)
        call = self._started(handler.method.name, request)
        self._observers.notify(call)
        response: Mapping[str, object] | None = None
        error = "the call was cancelled"
        try:
            answer: ProtoMessage = await handler.respond(request)
            response, error = readable(answer), ""
        except asyncio.CancelledError:
            raise
        except CallRefused as refusal:
            error = f"{refusal.status.name}: {refusal.message}"
            raise
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            duration = self._clock.monotonic() - call.started
            self._observers.notify(replace(call, response=response, error=error, duration=duration))
        return answer

    def _started(self, method: str, request: ProtoMessage) -> ObservedCall:
        call = current_call()
        fields = readable(request)
        return ObservedCall(
            number=next(self._numbers),
            method=_NAMES[method.lower()],
            plugin_name=call.metadata.get("x-plugin-name", ""),
            tenant_id=str(fields.get("tenant_id", "")),
            execution_id=str(fields.get("execution_id", "")),
            encoding=call.encoding,
            started=self._clock.monotonic(),
            request=fields,
        )
