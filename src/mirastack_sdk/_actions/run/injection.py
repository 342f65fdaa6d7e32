"""The values that an author's function gets beside its parameters, and what they live on.

A generation holds the resources that live as long as the agent, or until its config changes; a
call's scope adds what lives for one call only.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from types import MappingProxyType, TracebackType

from mirastack_sdk._actions.config.current_config import MissingConfig
from mirastack_sdk._actions.convert.parameter_errors import ParameterError
from mirastack_sdk._actions.convert.ranges import range_or_last
from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._actions.signature.dependencies import (
    AgentValue,
    Dependency,
    RangeOf,
    RequestPart,
    Source,
)
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.execution import ExecuteRequest, Logs
from mirastack_sdk._log import Log
from mirastack_sdk._threads import run_in_thread
from mirastack_sdk.errors import ActionError

_LOG = Log("agent")
_NO_VALUES: Mapping[type, object] = MappingProxyType({})

type Open = Callable[[AsyncExitStack], Awaitable[object]]
"""Opens one resource; what must be closed goes onto the stack."""


class Generation:
    """The resources that were opened with one set of values, until the next set replaces it.

    One task opens and closes them all: a context must be left in the task that entered it.
    Resources that do not depend on the values belong to `lasting`, if there is one.
    """

    def __init__(self, values: Mapping[type, object], lasting: "Generation | None" = None) -> None:
        self.values = values
        self.lasting = lasting or self
        self._found: dict[object, asyncio.Future[object]] = {}
        self._requests: asyncio.Queue[tuple[Open, asyncio.Future[object]] | None] = asyncio.Queue()
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep everything open for as long as this is entered."""
        self._users += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def resource(self, key: object, open_resource: Open) -> object:
        """The one resource of a key, opened at the first call.

        If it fails to open, every waiting caller gets the error, and the next one tries again.
        """
        found = self._found.get(key)
        if found is None:
            found = asyncio.get_running_loop().create_future()
            self._found[key] = found
            found.add_done_callback(lambda done: self._forget_failure(key, done))
            self._requests.put_nowait((open_resource, found))
            if self._task is None:
                # In an empty context: the resource outlives the call that needs it first.
                self._task = asyncio.create_task(
                    self._keep(), name="mirastack-resources", context=contextvars.Context()
                )
        # When this caller is cancelled, others still wait.
        return await asyncio.shield(found)

    async def close(self) -> None:
        """Wait for the calls that use the resources, then close them, the last opened first.

        A resource that is still being opened is cancelled: no call waits for it any more.
        """
        await self._unused.wait()
        if self._task is None:
            return
        self._requests.put_nowait(None)
        if not all(found.done() for found in self._found.values()):
            self._task.cancel()
        try:
            await asyncio.wait((self._task,))
            if not self._task.cancelled():
                self._task.result()
        except Exception:  # noqa: BLE001 - the author's code; the agent ends all the same
            _LOG.exception("a resource of the agent could not be closed")
        finally:
            self._task.cancel()

    async def _keep(self) -> None:
        async with AsyncExitStack() as stack:
            while (request := await self._requests.get()) is not None:
                open_resource, found = request
                try:
                    resource = await open_resource(stack)
                except asyncio.CancelledError:
                    found.cancel()
                    raise
                except BaseException as error:  # noqa: BLE001 - passed to its callers
                    found.set_exception(error)
                else:
                    found.set_result(resource)

    def _forget_failure(self, key: object, found: asyncio.Future[object]) -> None:
        if found.cancelled() or found.exception() is not None:
            del self._found[key]


class Resources:
    """The current generation of a running agent, and those that are being closed.

    `values` are the agent's own, by their types; the next generation gets them. Resources that do
    not depend on them live as long as the agent runs.
    """

    def __init__(self, values: Mapping[type, object] = _NO_VALUES) -> None:
        self.values = dict(values)
        self._lasting: Generation | None = None
        self._current: Generation | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let calls share one generation while this is entered; it is closed at the end."""
        if self._current is not None:
            raise RuntimeError("the agent is running already")
        lasting = self._lasting = Generation(_NO_VALUES)
        self._current = self.prepared(self.values)
        try:
            yield
        finally:
            last, self._current, self._lasting = self._current, None, None
            # One after the other, the oldest first.
            if self._closing:
                await asyncio.wait(self._closing)
            await last.close()
            await lasting.close()

    @property
    def are_open(self) -> bool:
        """Whether calls share a generation."""
        return self._current is not None

    def prepared(self, values: Mapping[type, object]) -> Generation:
        """A generation that may become the next one: `renew` or `discard` it."""
        return Generation(dict(values), self._lasting)

    async def renew(self, generation: Generation) -> None:
        """Let the next calls use a generation; the last one closes after the calls that use it.

        Does not wait for those calls.
        """
        self.values = dict(generation.values)
        if self._current is None:
            # Each call opens its own, with the new values.
            await generation.close()
        else:
            last, self._current = self._current, generation
            await self.discard(last)

    async def discard(self, generation: Generation) -> None:
        """Close a generation as soon as no call uses it; the agent waits for it when it ends."""
        if self._current is None:
            await generation.close()
            return
        closing = asyncio.create_task(generation.close(), name="mirastack-renewal")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    @asynccontextmanager
    async def used(self) -> AsyncIterator[Generation]:
        """The generation that one call uses throughout; its own where the agent is not running."""
        if self._current is not None:
            with self._current.used():
                yield self._current
            return
        own = Generation(dict(self.values))
        try:
            yield own
        finally:
            await own.close()


class CallScope:
    """The values that one call shares; `stack` closes what it opens.

    Without a request, as in a health check, no source may need one.
    """

    def __init__(
        self,
        request: ExecuteRequest | None,
        generation: Generation,
        stack: AsyncExitStack,
        logs: Logs | None = None,
    ) -> None:
        self._request = request
        self._logs = logs
        self._generation = generation
        self._stack = stack
        self._found: dict[object, object] = {}

    async def fill(self, injected: Mapping[str, Source]) -> dict[str, object]:
        """The injected arguments, by name; one that has a default and no value is left out."""
        arguments: dict[str, object] = {}
        for name, source in injected.items():
            value = await self._value(source)
            if value is not None or not (isinstance(source, RangeOf) and source.has_default):
                arguments[name] = value
        return arguments

    async def _value(self, source: Source) -> object:
        match source:
            case Dependency():
                return await self._dependency(source)
            case AgentValue():
                return self._agent_value(source)
            case RangeOf():
                return _range(self._required_request(), source)
            case RequestPart():
                return self._part(source)

    def _part(self, source: RequestPart) -> object:
        request = self._required_request()
        match source.part:
            case "request":
                return request
            case "logs":
                return self._logs
            case "ctx" | "engine_client":
                return getattr(request, source.part)

    def _agent_value(self, source: AgentValue) -> object:
        value = self._generation.values[source.kind]
        if isinstance(value, MissingConfig):
            raise ActionError(str(value))
        return value

    def _required_request(self) -> ExecuteRequest:
        if self._request is None:
            raise RuntimeError("there is no request here to take this from")
        return self._request

    async def _dependency(self, dependency: Dependency) -> object:
        if dependency.lifetime == "agent":
            arguments = await self.fill(dependency.arguments)
            generation = self._generation
            if not dependency.follows_values:
                generation = generation.lasting
            return await generation.resource(
                dependency.key, lambda stack: _opened(dependency, arguments, stack)
            )
        if dependency.key not in self._found:
            arguments = await self.fill(dependency.arguments)
            self._found[dependency.key] = await _opened(dependency, arguments, self._stack)
        return self._found[dependency.key]


def range_errors(request: ExecuteRequest, injected: Mapping[str, Source]) -> list[str]:
    """What is wrong with a request's time range, one sentence each."""
    found: list[str] = []
    for source in injected.values():
        if isinstance(source, Dependency):
            found += range_errors(request, source.arguments)
        elif isinstance(source, RangeOf):
            found += _range_errors(request, source)
    return list(dict.fromkeys(found))


def _range_errors(request: ExecuteRequest, source: RangeOf) -> list[str]:
    try:
        found = _range(request, source)
    except ParameterError as error:
        return error.sentences
    if found is None and not source.optional:
        return ["a time range is required, such as: last 30 minutes"]
    return []


async def _opened(
    dependency: Dependency, arguments: Mapping[str, object], stack: AsyncExitStack
) -> object:
    if not dependency.managed:
        return await call(dependency.factory, arguments)
    # The author's code runs only when the manager is entered.
    made = dependency.factory(**arguments)
    if isinstance(made, AbstractAsyncContextManager):
        return await stack.enter_async_context(made)
    if isinstance(made, AbstractContextManager):
        return await _entered_in_thread(made, stack)
    return made


async def _entered_in_thread(
    manager: AbstractContextManager[object], stack: AsyncExitStack
) -> object:
    """Enter and leave a synchronous context manager without holding up the loop."""

    async def leave(
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return await run_in_thread(
            lambda: manager.__exit__(kind, error, traceback), name="mirastack-close"
        )

    entered = await run_in_thread(manager.__enter__, name="mirastack-open")
    stack.push_async_exit(leave)
    return entered


def _range(request: ExecuteRequest, source: RangeOf) -> TimeRange | None:
    if source.fallback is None:
        return request.time_range
    return range_or_last(request.time_range, request.params, source.fallback)
