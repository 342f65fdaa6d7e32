"""The values that an author's function gets beside its parameters, and what they live on.

A generation holds the resources that live as long as the agent, or until its config changes; a
call's scope adds what lives for one call only.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import field
from functools import cached_property
from types import MappingProxyType

from mirastack_sdk._actions.config.current_config import MissingConfig
from mirastack_sdk._actions.convert.parameter_errors import ParameterError
from mirastack_sdk._actions.convert.ranges import range_or_last
from mirastack_sdk._actions.run.author_functions import CallThread
from mirastack_sdk._actions.run.kept_resource import KeptResource, Open, ResourceEndedError
from mirastack_sdk._actions.run.opening import opened
from mirastack_sdk._actions.signature.dependencies import (
    AgentValue,
    Dependency,
    RangeOf,
    RequestPart,
    Source,
)
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.execution import ExecuteRequest, Logs
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.errors import ActionError

_NO_VALUES: Mapping[type, object] = MappingProxyType({})
# How long an ended resource waits until it is opened anew, unless a call needs it before.
_FIRST_DELAY, _MOST_DELAY = 1.0, 30.0


class Generation:
    """The resources that were opened with one set of values, until the next set replaces it.

    Resources that do not depend on the values belong to `lasting`, if there is one. A resource that
    ends by itself is opened anew; `ended` holds the names of such resources until they are open
    again.
    """

    def __init__(self, values: Mapping[type, object], lasting: "Generation | None" = None) -> None:
        self.values = values
        self.lasting = lasting or self
        self.ended: dict[object, str] = {}
        self._kept: dict[object, KeptResource] = {}
        self._open: list[KeptResource] = []  # in the order of their opening
        self._delays: dict[object, float] = {}
        self._timers: dict[object, asyncio.TimerHandle] = {}
        self._closed = False
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

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

    async def resource(
        self, key: object, open_resource: Open, *, name: str, dependent: KeptResource | None = None
    ) -> object:
        """The one resource of a key, opened at the first call; `name` is for the log.

        If it fails to open, every waiting caller gets the error, and the next one tries again.
        `dependent` is a resource that is opened with this one.
        """
        kept = self._kept.get(key)
        if kept is None or kept.is_closing:
            kept = self._begin(key, open_resource, name)
        return await kept.value(dependent)

    async def close(self) -> None:
        """Wait for the calls that use the resources, then close them, the last opened first.

        One that is still being opened is cancelled: no call waits for it any more. When this is
        cancelled, so are the resources.
        """
        try:
            await self._unused.wait()
            for kept in self._end():
                await kept.close()
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Cancel the resources, or what is left of their closing, without waiting."""
        for kept in self._end():
            kept.cancel()

    def _end(self) -> list[KeptResource]:
        """Open no more resources; returns those that are left, in the order of their closing."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        opening = [kept for kept in self._kept.values() if not kept.is_open]
        return [*opening, *reversed(self._open)]

    def _begin(self, key: object, open_resource: Open, name: str) -> KeptResource:
        if self._closed:
            # An opening that is about to be cancelled needs this one.
            raise ResourceEndedError(f"{name} is not opened any more")
        now = asyncio.get_running_loop().time
        opened_at = now()

        def on_open(kept: KeptResource) -> None:
            nonlocal opened_at
            opened_at = now()
            self._open.append(kept)
            self.ended.pop(key, None)

        def on_end(kept: KeptResource) -> None:
            if kept in self._open:
                self._open.remove(kept)
            if self._kept.get(key) is kept:
                del self._kept[key]
            if self._closed:
                return
            if kept.is_open:
                self.ended[key] = name
                if now() - opened_at > _MOST_DELAY:
                    self._delays.pop(key, None)
            if key in self.ended:
                self._begin_later(key, open_resource, name)

        kept = self._kept[key] = KeptResource(name, open_resource, on_open=on_open, on_end=on_end)
        return kept

    def _begin_later(self, key: object, open_resource: Open, name: str) -> None:
        """Open a resource anew after a delay, which grows from one time to the next."""

        def begin() -> None:
            if key not in self._kept and not self._closed:
                self._begin(key, open_resource, name)

        if key in self._timers:
            self._timers[key].cancel()
        delay = self._delays.get(key, _FIRST_DELAY)
        self._delays[key] = min(2 * delay, _MOST_DELAY)
        self._timers[key] = asyncio.get_running_loop().call_later(delay, begin)


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
            try:
                # One after the other, the oldest first.
                if self._closing:
                    await asyncio.wait(self._closing)
                await last.close()
                await lasting.close()
            finally:
                for closing in self._closing:
                    closing.cancel()
                last.cancel()
                lasting.cancel()

    @property
    def ended(self) -> list[str]:
        """The names of resources that have ended by themselves and are not open again yet."""
        current = self._current
        ended = {} if current is None else {**current.lasting.ended, **current.ended}
        return list(ended.values())

    @property
    def shared(self) -> Generation | None:
        """The generation that the calls of a running agent share."""
        return self._current

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


@dataclass(eq=False)
class CallScope:
    """The values that one call shares; `stack` closes what it opens.

    Its plain functions run in `thread`. Without a request, as in a health check, no source may need
    one. `dependent` is the resource that is opened with the values, if one is.
    """

    request: ExecuteRequest | None
    generation: Generation
    stack: AsyncExitStack
    logs: Logs | None = None
    dependent: KeptResource | None = None
    _found: dict[object, object] = field(default_factory=dict[object, object], init=False)

    @cached_property
    def thread(self) -> CallThread:
        """Where plain functions run; a call without any needs none."""
        return CallThread(self.stack)

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
                return self.logs
            case "ctx" | "engine_client":
                return getattr(request, source.part)

    def _agent_value(self, source: AgentValue) -> object:
        value = self.generation.values[source.kind]
        if isinstance(value, MissingConfig):
            raise ActionError(str(value))
        return value

    def _required_request(self) -> ExecuteRequest:
        if self.request is None:
            raise RuntimeError("there is no request here to take this from")
        return self.request

    async def _dependency(self, dependency: Dependency) -> object:
        if dependency.lifetime == "agent":
            return await self._resource(dependency)
        key = dependency.key
        if key not in self._found:
            arguments = await self.fill(dependency.arguments)
            self._found[key] = await opened(dependency, arguments, self.stack, self.thread)
        return self._found[key]

    async def _resource(self, dependency: Dependency) -> object:
        current = self.generation
        generation = current if dependency.follows_values else current.lasting

        async def open_it(stack: AsyncExitStack, kept: KeptResource) -> object:
            # Its own dependencies may have been opened anew since the first time.
            scope = CallScope(None, generation, stack, dependent=kept)
            arguments = await scope.fill(dependency.arguments)
            return await opened(dependency, arguments, stack, scope.thread)

        return await generation.resource(
            dependency.key, open_it, name=dependency.name, dependent=self.dependent
        )


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


def _range(request: ExecuteRequest, source: RangeOf) -> TimeRange | None:
    if source.fallback is None:
        return request.time_range
    return range_or_last(request.time_range, request.params, source.fallback)
