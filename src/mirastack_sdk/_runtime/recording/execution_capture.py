"""The capture of executions: references to their messages, and when they were sent."""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import Protocol

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.calls.config_updates import StoredConfig
from mirastack_sdk._runtime.calls.executions import ExecutionScope
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, Fetch
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.recording.message_form import size_of
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.codec.methods import Method
from mirastack_sdk._wire.grpc.current_call import current_call
from mirastack_sdk.errors import EngineError

GET_CONFIG = "GetConfig"

# The config is fetched for all executions; each is recorded with what it got from the cache.
_NOT_OF_AN_EXECUTION = frozenset({GET_CONFIG, "RegisterPlugin", "DeregisterPlugin", "Heartbeat"})


@dataclass(slots=True, kw_only=True, eq=False)
class CapturedCall:
    """One call of the engine: `at` and `seconds` say when it was made and how long it took.

    It has a response or an error, or neither if it was not answered before the execution ended, or
    before the author's code gave it up.
    """

    method: str
    request: object
    at: float
    seconds: float | None = None
    response: object = None
    error: EngineError | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapturedExecution:
    """One execution; `response` is `None` if it was cancelled, `config` if there is none.

    `left_out` counts the calls for which there was no room. `size` estimates its bytes.
    """

    request: wire.ExecuteRequest
    metadata: Mapping[str, str]
    encoding: Encoding
    timeout: float | None
    config: StoredConfig | None
    started: datetime
    seconds: float
    calls: Sequence[CapturedCall]
    left_out: int
    response: wire.ExecuteResponse | None
    size: int


class Room(Protocol):
    """How much may be captured, in all executions together."""

    @abstractmethod
    def take(self, size: int, calls: int) -> bool:
        """Whether there is room for `size` bytes more in an execution with so many calls."""

    @abstractmethod
    def grow(self, size: int) -> None:
        """Note that so many bytes more are held, whether there is room for them or not."""

    @abstractmethod
    def give_back(self, size: int) -> None:
        """Note that so many bytes are no longer held."""


@dataclass(slots=True, kw_only=True, eq=False)
class RunningExecution:
    """An execution while it runs: collects its calls."""

    request: wire.ExecuteRequest
    config: StoredConfig | None
    clock: Clock
    room: Room
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(init=False)
    size: int = 0
    calls: list[CapturedCall] = field(default_factory=list)
    left_out: int = 0
    has_ended: bool = False

    def __post_init__(self) -> None:
        """Start the time."""
        self.began = self.clock.monotonic()

    async def watch[Response](
        self, method: str, request: object, response: Awaitable[Response]
    ) -> Response:
        """Return what `response` returns, and capture the call."""
        call = CapturedCall(method=method, request=request, at=self.elapsed())
        if not self._keep(call):
            return await response
        try:
            result = await response
        except EngineError as error:
            call.error = error
            raise
        else:
            call.response = result
            self._grow(size_of(result))
            return result
        finally:
            call.seconds = self.elapsed() - call.at

    def elapsed(self) -> float:
        """Seconds since the execution started."""
        return self.clock.monotonic() - self.began

    def end(self, response: wire.ExecuteResponse | None) -> CapturedExecution:
        """Return what was captured. Calls that end later are taken for unanswered."""
        self._grow(size_of(self.request) + (0 if response is None else size_of(response)))
        self.has_ended = True
        call = current_call()
        return CapturedExecution(
            request=self.request,
            metadata=call.metadata,
            encoding=call.encoding,
            timeout=call.timeout,
            config=self.config,
            started=self.started,
            seconds=self.elapsed(),
            calls=[replace(call) for call in self.calls],
            left_out=self.left_out,
            response=response,
            size=self.size,
        )

    def _keep(self, call: CapturedCall) -> bool:
        if self.has_ended:
            return False
        size = size_of(call.request)
        if not self.room.take(size, len(self.calls)):
            self.left_out += 1
            return False
        self.size += size
        self.calls.append(call)
        return True

    def _grow(self, size: int) -> None:
        if not self.has_ended:
            self.size += size
            self.room.grow(size)


_RUNNING: ContextVar[RunningExecution | None] = ContextVar("mirastack_recorded", default=None)


def running_execution() -> RunningExecution | None:
    """The execution that the running code belongs to, if it is captured."""
    return _RUNNING.get()


class CapturingLink(EngineLink):
    """A link to the engine that captures the calls of each execution."""

    def call[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        timeout: float,
        scope: ExecutionScope | None = None,
    ) -> Coroutine[None, None, Response]:
        """Return the response to one call, as `EngineLink.call` does."""
        execution = _RUNNING.get()
        call = self.send(method, request, timeout, scope)
        if execution is None or method.name in _NOT_OF_AN_EXECUTION:
            return call
        return execution.watch(method.name, request, call)

    def send[Request, Response](
        self,
        method: Method[Request, Response],
        request: Request,
        timeout: float,
        scope: ExecutionScope | None,
    ) -> Coroutine[None, None, Response]:
        """Call the engine."""
        return super().call(method, request, timeout, scope)


class CapturingConfigCache(ConfigCache):
    """A cache of the config that captures what each execution gets from it."""

    async def get(self, fetch: Fetch) -> StoredConfig:
        """Return the config, as `ConfigCache.get` does."""
        execution = _RUNNING.get()
        if execution is None:
            return await super().get(fetch)
        watched = execution.watch(GET_CONFIG, wire.GetConfigRequest(), self.look_up(fetch))
        response = await watched
        return StoredConfig(response.config, response.version)

    async def look_up(self, fetch: Fetch) -> wire.GetConfigResponse:
        """Return the config as the engine would send it."""
        config = await super().get(fetch)
        return wire.GetConfigResponse(config=dict(config.values), version=config.version)


class Captures(Room, Protocol):
    """Decides what is captured, and takes what was."""

    @abstractmethod
    def is_wanted(self) -> bool:
        """Whether to capture the execution that starts."""

    @abstractmethod
    def ended(self, execution: CapturedExecution) -> None:
        """Take an execution whose response is about to be sent."""


class CapturingService(PluginServiceBase):
    """A service that captures every execution."""

    def __init__(self, service: AgentService, captures: Captures, clock: Clock) -> None:
        self._service = service
        self._captures = captures
        self._clock = clock

    async def info(self, request: wire.InfoRequest) -> wire.InfoResponse:
        return await self._service.info(request)

    async def get_schema(self, request: wire.GetSchemaRequest) -> wire.GetSchemaResponse:
        return await self._service.get_schema(request)

    async def health_check(self, request: wire.HealthCheckRequest) -> wire.HealthCheckResponse:
        return await self._service.health_check(request)

    async def config_updated(
        self, request: wire.ConfigUpdatedRequest
    ) -> wire.ConfigUpdatedResponse:
        return await self._service.config_updated(request)

    async def execute(self, request: wire.ExecuteRequest) -> wire.ExecuteResponse:
        if not self._captures.is_wanted():
            return await self._service.execute(request)
        execution = RunningExecution(
            request=request,
            config=self._service.config_in_force,
            clock=self._clock,
            room=self._captures,
        )
        entered = _RUNNING.set(execution)
        try:
            response = await self._service.execute(request)
        except asyncio.CancelledError:
            self._end(execution, None)
            raise
        except BaseException:
            # It was refused before it began.
            self._captures.give_back(execution.size)
            raise
        else:
            self._end(execution, response)
            return response
        finally:
            _RUNNING.reset(entered)

    def _end(self, execution: RunningExecution, response: wire.ExecuteResponse | None) -> None:
        # The first execution starts before the first config has come, and waits for it.
        execution.config = execution.config or self._service.config_in_force
        self._captures.ended(execution.end(response))
