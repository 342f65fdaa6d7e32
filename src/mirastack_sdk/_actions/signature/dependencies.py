"""What an action is given beside its parameters, and where that comes from."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from mirastack_sdk._actions.convert.ranges import OrLast
from mirastack_sdk._actions.signature.annotations import (
    Annotation,
    UnresolvedError,
    annotation_of,
    is_generator,
    location_of,
    raw_annotations,
    without_none,
)
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest

__all__ = [
    "AgentValue",
    "Dependency",
    "Depends",
    "Lifetime",
    "RangeOf",
    "RequestPart",
    "Source",
    "SourceFinder",
]

type Lifetime = Literal["call", "agent"]

_PARTS: tuple[tuple[type, Literal["ctx", "engine_client", "request"]], ...] = (
    (Context, "ctx"),
    (EngineClient, "engine_client"),
    (ExecuteRequest, "request"),
)
_INJECTED: tuple[type, ...] = (TimeRange, *(kind for kind, _ in _PARTS))


@dataclass(frozen=True, slots=True)
class Depends:
    """Fills a parameter with what `factory` makes: `Annotated[Client, Depends(open_client)]`.

    The factory is a function or a class, plain or asynchronous, or a generator function, which
    yields the one value and closes it when it goes on; those of `contextlib` too. Its own
    parameters are filled in the same way. Plain ones run in a thread.

    With the lifetime `"call"` each execution has one of its own, closed when it ends, and shared by
    whatever in it depends on the same factory. With `"agent"` all executions share one, which is
    opened when it is first needed and closed when the agent stops.
    """

    factory: Callable[..., object]
    lifetime: Lifetime = field(default="call", kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestPart:
    """A part of the request, or all of it."""

    part: Literal["ctx", "engine_client", "request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOf:
    """The request's time range: optional, with something to fall back to, or required."""

    optional: bool
    has_default: bool
    fallback: OrLast | None


@dataclass(frozen=True, slots=True)
class AgentValue:
    """A value that the agent itself has one of, such as its configuration."""

    kind: type


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One of the author's own: how to open it, and what that needs.

    `origin` is the factory as the author gave it, `factory` what is called; if it is `managed`,
    that makes a context manager.
    """

    name: str
    origin: Callable[..., object]
    factory: Callable[..., object]
    lifetime: Lifetime
    managed: bool
    arguments: Mapping[str, "Source"]

    @property
    def key(self) -> tuple[Callable[..., object], Lifetime]:
        """What tells dependencies apart: two parameters may name the same one."""
        return self.origin, self.lifetime

    @property
    def follows_values(self) -> bool:
        """Whether it is made of the agent's own values, and made anew when those change."""
        return any(
            isinstance(source, AgentValue)
            or (isinstance(source, Dependency) and source.follows_values)
            for source in self.arguments.values()
        )


type Source = RequestPart | RangeOf | AgentValue | Dependency


class SourceFinder:
    """Finds the sources of annotations; what is wrong with them is collected in `faults`."""

    def __init__(self, agent_values: Collection[type], errors: list[str]) -> None:
        self._agent_values = frozenset(agent_values)
        self._errors = errors
        self._known: dict[tuple[Callable[..., object], Lifetime], Dependency | None] = {}
        self._open: list[Callable[..., object]] = []
        self._provided: list[tuple[object, Dependency]] = []

    def provide(self, kind: object, dependency: Dependency) -> None:
        """Fill parameters of a type with a dependency, without their saying so."""
        self._provided.append((kind, dependency))

    def fills(self, kind: object) -> bool:
        """Whether parameters of a type are the agent's to fill."""
        return kind in (*_INJECTED, *self._agent_values, *(known for known, _ in self._provided))

    def find(self, annotation: Annotation, place: str, *, has_default: bool) -> Source | None:
        """The source of a parameter of the function at `place`.

        `None` for one that a language model fills, or that nothing can.
        """
        depends = [found for found in annotation.metadata if isinstance(found, Depends)]
        if depends:
            return self.dependency(depends[0], place)
        kind, optional = without_none(annotation.inner)
        if kind is TimeRange:
            fallbacks = [found for found in annotation.metadata if isinstance(found, OrLast)]
            fallback = fallbacks[0] if fallbacks else None
            return RangeOf(
                optional=optional or has_default, has_default=has_default, fallback=fallback
            )
        for part_kind, part in _PARTS:
            if kind is part_kind:
                return RequestPart(part)
        if isinstance(kind, type) and kind in self._agent_values:
            return AgentValue(kind)
        return next((given for known, given in self._provided if known == kind), None)

    def is_hidden(self, annotation: Annotation) -> bool:
        """Whether a parameter is the agent's to fill, if perhaps with something that is wrong."""
        return any(isinstance(found, Depends) for found in annotation.metadata)

    def arguments_of(self, function: Callable[..., object]) -> dict[str, Source]:
        """The sources of all parameters of a function that has no others."""
        return dict(self._arguments(function))

    def dependency(self, depends: Depends, place: str) -> Dependency | None:
        """What a `Depends` of the function at `place` stands for; `None` where that is wrong."""
        given: object = depends.factory
        if not callable(given):
            self._errors.append(f"{place}: Depends needs a function, got {given!r}")
            return None
        factory = depends.factory
        key: tuple[Callable[..., object], Lifetime] = (factory, depends.lifetime)
        if factory in self._open:
            circle = [*self._open[self._open.index(factory) :], factory]
            names = " -> ".join(_name_of(member) for member in circle)
            self._errors.append(f"{location_of(factory)}: dependencies go in a circle: {names}")
            return None
        if key not in self._known:
            self._open.append(factory)
            self._known[key] = self._planned(depends)
            self._open.pop()
        return self._known[key]

    def _planned(self, depends: Depends) -> Dependency | None:
        before = len(self._errors)
        arguments = self.arguments_of(depends.factory)
        dependency = Dependency(
            name=_name_of(depends.factory),
            origin=depends.factory,
            factory=_as_context_manager(depends.factory),
            lifetime=depends.lifetime,
            managed=is_generator(inspect.unwrap(depends.factory)),
            arguments=arguments,
        )
        if depends.lifetime == "agent":
            self._errors += _lifetime_errors(location_of(depends.factory), arguments)
        return dependency if len(self._errors) == before else None

    def _arguments(self, factory: Callable[..., object]) -> Iterator[tuple[str, Source]]:
        place = location_of(factory)
        try:
            parameters = inspect.signature(factory).parameters.values()
        except (TypeError, ValueError):
            return  # a builtin that does not say what it takes
        annotated = raw_annotations(factory)
        for parameter in parameters:
            name, optional = parameter.name, parameter.default is not parameter.empty
            source = None
            if name in annotated:
                try:
                    annotation = annotation_of(factory, name)
                except UnresolvedError as error:
                    self._errors.append(f'{place}: the type of "{name}" is unknown here: {error}')
                    continue
                source = self.find(annotation, place, has_default=optional)
                if source is None and self.is_hidden(annotation):
                    continue  # what is wrong with it has been said
            if source is not None:
                yield name, source
            elif not optional and parameter.kind not in _VARIADIC:
                self._errors.append(
                    f'{place}: nothing fills "{name}": only what is of type TimeRange, Context, '
                    "EngineClient or ExecuteRequest, the agent's configuration, or "
                    "Annotated[..., Depends(...)], is filled"
                )


_VARIADIC = frozenset({inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


def _as_context_manager(factory: Callable[..., object]) -> Callable[..., object]:
    """A bare generator function as a context manager; anything else as it is."""
    if inspect.isasyncgenfunction(factory):
        return asynccontextmanager(factory)
    return contextmanager(factory) if inspect.isgeneratorfunction(factory) else factory


def _lifetime_errors(place: str, arguments: Mapping[str, Source]) -> Iterator[str]:
    for name, source in arguments.items():
        if isinstance(source, RequestPart | RangeOf):
            yield (
                f'{place}: "{name}" belongs to one execution, and what lives as long as the agent '
                'cannot have it: let it live for a call (lifetime="call"), or leave it out'
            )
        elif isinstance(source, Dependency) and source.lifetime == "call":
            yield (
                f'{place}: "{name}" lives for one execution, and what lives as long as the agent '
                f'cannot have it: let {source.name} live as long (lifetime="agent")'
            )


def _name_of(factory: Callable[..., object]) -> str:
    name: object = getattr(factory, "__name__", None)
    return name if isinstance(name, str) else type(factory).__name__


def holds_injected(annotation: object) -> bool:
    """Whether a union offers something that only the agent can fill beside what others can."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return False
    return any(argument is kind for argument in typing.get_args(annotation) for kind in _INJECTED)
