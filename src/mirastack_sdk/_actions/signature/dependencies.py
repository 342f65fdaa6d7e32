"""The injected arguments of a function: which parameters have one, and where it comes from."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal, get_args

from mirastack_sdk._actions.convert.ranges import OrLast
from mirastack_sdk._actions.signature.annotations import (
    Annotation,
    UnresolvedError,
    annotation_of,
    inner_parts,
    is_generator,
    location_of,
    raw_annotations,
    source_of,
    without_none,
)
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, Logs
from mirastack_sdk._deferred.dataclasses import dataclass

type Overrides = Mapping[Callable[..., object], Callable[..., object]]
type Lifetime = Literal["call", "agent"]

type Part = Literal["ctx", "engine_client", "request", "logs"]

_PARTS: tuple[tuple[type, Part], ...] = (
    (Context, "ctx"),
    (EngineClient, "engine_client"),
    (ExecuteRequest, "request"),
    (Logs, "logs"),
)
_NO_OVERRIDES: Overrides = MappingProxyType({})
_INJECTED: tuple[type, ...] = (TimeRange, *(kind for kind, _ in _PARTS))
_VARIADIC = frozenset({inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD})


@dataclass(frozen=True, slots=True)
class Depends:
    """Fills a parameter with the result of `factory`: `Annotated[Client, Depends(open_client)]`.

    The factory is a function or a class. It may be asynchronous; if it is not, it runs in a thread,
    which the plain factories and the plain action of one execution share. A generator function
    yields the value and closes it after its `yield`, with or without the decorators of
    `contextlib`. An instance of a class of context managers is entered and left. Its
    own parameters are injected in the same way.

    With the lifetime `"call"`, each execution has a value of its own, shared by everything in it
    that depends on the same factory, and closed at the end of the execution. With `"agent"`, all
    executions share one value, which is opened when it is first needed and closed when the agent
    stops.
    """

    factory: Callable[..., object]
    lifetime: Lifetime = field(default="call", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse another lifetime, for authors without a type checker."""
        if self.lifetime not in get_args(Lifetime.__value__):
            raise ValueError(f'lifetime must be "call" or "agent", got {self.lifetime!r}')


@dataclass(frozen=True, slots=True)
class RequestPart:
    """The request, a part of it, or the logs of its response."""

    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOf:
    """The time range of the request: required, optional, or with a fallback."""

    optional: bool
    has_default: bool
    fallback: OrLast | None


@dataclass(frozen=True, slots=True)
class AgentValue:
    """A value that belongs to the agent, such as its config."""

    kind: type


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A dependency on a factory: how to open it, and the arguments that this takes.

    If it is `managed`, the `factory` returns a context manager, or a generator that is one as soon
    as `contextlib` has it. If it `yields`, calling it runs nothing of the author's yet.
    """

    name: str
    factory: Callable[..., object]
    lifetime: Lifetime
    managed: bool
    yields: bool
    arguments: Mapping[str, "Source"]

    @property
    def key(self) -> tuple[Callable[..., object], Lifetime]:
        """The identity of the dependency: two parameters may share one."""
        return self.factory, self.lifetime

    @property
    def follows_values(self) -> bool:
        """Whether it uses the agent's own values, so that a change of them reopens it."""
        return any(
            isinstance(source, AgentValue)
            or (isinstance(source, Dependency) and source.follows_values)
            for source in self.arguments.values()
        )


type Source = RequestPart | RangeOf | AgentValue | Dependency


_INJECTING = (Depends, OrLast)


def misplaced(parameter: inspect.Parameter, annotation: Annotation) -> str:
    """The error of `Depends` and `OrLast` where they have no effect; empty if there is none."""
    name = parameter.name
    fallbacks = any(isinstance(found, OrLast) for found in annotation.metadata)
    if fallbacks and without_none(annotation.inner)[0] is not TimeRange:
        return f'OrLast has no effect on "{name}": write {name}: Annotated[TimeRange, OrLast(...)]'
    if sum(isinstance(found, _INJECTING) for found in annotation.metadata) > 1:
        return f'"{name}" has more than one Depends(...) or OrLast(...): remove all but one'
    for kind in _INJECTING:
        usage = f"{kind.__name__}(...)"
        if kind in annotation.metadata:
            return f'"{name}" is annotated with the class {kind.__name__}: write {usage}'
        if isinstance(annotation.inner, kind):
            return f"{usage} is not a type: write {name}: Annotated[..., {usage}]"
        if isinstance(parameter.default, kind):
            return (
                f'"{name}" has {usage} as its default, which a direct call would use as the value: '
                f"write {name}: Annotated[..., {usage}]"
            )
    return _misplaced_inside(annotation)


def _misplaced_inside(annotation: Annotation) -> str:
    for part in inner_parts(annotation.inner):
        kind = part if isinstance(part, type) else type(part)
        if kind in _INJECTING:
            usage = f"{kind.__name__}(...)"
            return (
                f'{usage} has no effect inside the type of "{annotation.name}": write it around '
                f"the whole type, {annotation.name}: Annotated[..., {usage}]"
            )
    return ""


class SourceFinder:
    """Finds the sources of injected arguments; declaration errors are added to `errors`.

    `overrides` are the factories that take the place of others in a test.
    """

    def __init__(
        self,
        agent_values: Collection[type],
        errors: list[str],
        overrides: Overrides = _NO_OVERRIDES,
    ) -> None:
        self._overrides = overrides
        self.overridden = set[Callable[..., object]]()
        self._agent_values = frozenset(agent_values)
        self._errors = errors
        self._known: dict[tuple[Callable[..., object], Lifetime], Dependency | None] = {}
        self._open: list[Callable[..., object]] = []
        self._provided: list[tuple[object, Dependency]] = []
        self.is_complete = True
        """Whether the types that lifespans yield are all known."""

    def provide(self, kind: object, dependency: Dependency) -> None:
        """Inject a dependency into every parameter of a type, without `Depends`."""
        self._provided.append((kind, dependency))

    def fills(self, kind: object) -> bool:
        """Whether parameters of a type are injected."""
        return kind in (*_INJECTED, *self._agent_values, *(known for known, _ in self._provided))

    def find(self, annotation: Annotation, location: str, *, has_default: bool) -> Source | None:
        """The source of a parameter of the function at `location`.

        `None` if a language model fills it, or if its declaration has an error.
        """
        depends = [found for found in annotation.metadata if isinstance(found, Depends)]
        if depends:
            return self.dependency(depends[0], location)
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
        """Whether a parameter is meant to be injected, even if its declaration has an error."""
        return any(isinstance(found, Depends) for found in annotation.metadata)

    def arguments_of(self, function: Callable[..., object]) -> dict[str, Source]:
        """The sources of all parameters of a function that takes only injected ones."""
        return dict(self._arguments(function))

    def dependency(self, depends: Depends, location: str) -> Dependency | None:
        """The dependency of a `Depends` in the function at `location`; `None` if invalid."""
        given: object = depends.factory
        if not callable(given):
            self._errors.append(f"{location}: Depends needs a function, got {given!r}")
            return None
        factory = depends.factory
        if factory in self._overrides:
            self.overridden.add(factory)
            depends = Depends(self._overrides[factory], lifetime=depends.lifetime)
            factory = depends.factory
        key: tuple[Callable[..., object], Lifetime] = (factory, depends.lifetime)
        if factory in self._open:
            circle = [*self._open[self._open.index(factory) :], factory]
            names = " -> ".join(_name_of(member) for member in circle)
            self._errors.append(f"{location_of(factory)}: dependencies form a circle: {names}")
            return None
        if key not in self._known:
            self._open.append(factory)
            self._known[key] = self._planned(depends)
            self._open.pop()
        return self._known[key]

    def _planned(self, depends: Depends) -> Dependency | None:
        before = len(self._errors)
        arguments, yields = self.arguments_of(depends.factory), is_generator(depends.factory)
        dependency = Dependency(
            name=_name_of(depends.factory),
            factory=depends.factory,
            lifetime=depends.lifetime,
            managed=yields or _is_managed_class(source_of(depends.factory)),
            yields=yields,
            arguments=arguments,
        )
        if depends.lifetime == "agent":
            self._errors += _lifetime_errors(location_of(depends.factory), arguments)
        return dependency if len(self._errors) == before else None

    def _arguments(self, factory: Callable[..., object]) -> Iterator[tuple[str, Source]]:
        location = location_of(factory)
        try:
            parameters = inspect.signature(factory).parameters.values()
        except (TypeError, ValueError):
            return  # a builtin without a signature
        for parameter in parameters:
            name, optional = parameter.name, parameter.default is not parameter.empty
            errors = len(self._errors)
            annotation = self._annotation(factory, parameter, location)
            source = None
            if annotation is not None:
                source = self.find(annotation, location, has_default=optional)
            if source is not None:
                yield name, source
            elif len(self._errors) > errors or (annotation and self.is_hidden(annotation)):
                continue  # its error has been added
            elif not optional and parameter.kind not in _VARIADIC:
                self._errors.append(
                    f'{location}: nothing fills "{name}": its type must be TimeRange, Context, '
                    "EngineClient, ExecuteRequest, Logs, the agent's config class, or "
                    "Annotated[..., Depends(...)]"
                )

    def _annotation(
        self, factory: Callable[..., object], parameter: inspect.Parameter, location: str
    ) -> Annotation | None:
        """The annotation of a factory's parameter; `None` without one, or if it has an error."""
        name = parameter.name
        annotation = Annotation(name=name, whole=object, inner=object, metadata=())
        is_annotated = name in raw_annotations(factory)
        try:
            if is_annotated:
                annotation = annotation_of(factory, name)
        except UnresolvedError as error:
            self._errors.append(f'{location}: the type of "{name}" cannot be resolved: {error}')
            return None
        if sentence := misplaced(parameter, annotation):
            self._errors.append(f"{location}: {sentence}")
            return None
        return annotation if is_annotated else None


def _is_managed_class(factory: object) -> bool:
    """Whether a factory is a class of context managers, which are entered."""
    return isinstance(factory, type) and (
        hasattr(factory, "__aenter__") or hasattr(factory, "__enter__")
    )


def _lifetime_errors(location: str, arguments: Mapping[str, Source]) -> Iterator[str]:
    for name, source in arguments.items():
        if isinstance(source, RequestPart | RangeOf):
            yield (
                f'{location}: "{name}" belongs to one execution, and a dependency with '
                'lifetime="agent" outlives it: use lifetime="call", or remove it'
            )
        elif isinstance(source, Dependency) and source.lifetime == "call":
            yield (
                f'{location}: "{name}" lives for one execution, and a dependency with '
                f'lifetime="agent" outlives it: use lifetime="agent" for {source.name} too'
            )


def _name_of(factory: Callable[..., object]) -> str:
    name: object = getattr(factory, "__name__", None)
    return name if isinstance(name, str) else type(factory).__name__


def holds_injected(annotation: object) -> bool:
    """Whether a union contains a type that is injected."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return False
    return any(argument is kind for argument in typing.get_args(annotation) for kind in _INJECTED)
