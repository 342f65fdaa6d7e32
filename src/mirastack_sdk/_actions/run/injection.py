"""Fills what an action is given beside its parameters, for one call."""

from collections.abc import Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
)
from types import TracebackType

from mirastack_sdk._actions.config.current_config import MissingConfig
from mirastack_sdk._actions.convert.parameter_errors import ParameterError
from mirastack_sdk._actions.convert.ranges import range_or_last
from mirastack_sdk._actions.run.author_functions import call
from mirastack_sdk._actions.run.resources import Generation
from mirastack_sdk._actions.signature.dependencies import (
    AgentValue,
    Dependency,
    RangeOf,
    RequestPart,
    Source,
)
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.execution import ExecuteRequest
from mirastack_sdk._runtime.calls.threads import run_in_thread
from mirastack_sdk.errors import ActionError

__all__ = ["CallScope", "range_errors"]


def range_errors(request: ExecuteRequest, injected: Mapping[str, Source]) -> list[str]:
    """What keeps a request's time range from being what a function needs, one sentence each."""
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


class CallScope:
    """What one call has opened and shares; the stack closes it.

    Without a request, as for a health check, nothing may need a part of it.
    """

    def __init__(
        self, request: ExecuteRequest | None, generation: Generation, stack: AsyncExitStack
    ) -> None:
        self._request = request
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
                return self._agents_own(source)
            case RangeOf():
                return _range(self._required_request(), source)
            case RequestPart():
                request = self._required_request()
                return request if source.part == "request" else getattr(request, source.part)

    def _agents_own(self, source: AgentValue) -> object:
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


async def _opened(
    dependency: Dependency, arguments: Mapping[str, object], stack: AsyncExitStack
) -> object:
    if not dependency.managed:
        return await call(dependency.factory, arguments)
    # None of the author's code runs before the manager is entered.
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
