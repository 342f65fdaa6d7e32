"""No method with `@action` disappears without a word."""

import functools
import inspect
from collections.abc import Callable

import pytest

from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import Agent, TypedActions, action
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
)
from tests.actions.agents import new_agent


class Base(TypedActions):
    """An agent with one action."""

    def info(self) -> PluginInfo:
        return PluginInfo("logs", "1.0.0", "Searches.", Permission.READ, ["observe"])

    @action
    async def kept(self) -> int:
        """Keep."""
        return 1


def hiding(function: Callable[..., object]) -> Callable[..., object]:
    """A decorator without `functools.wraps`."""

    def inner(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    return inner


class Wrapper:
    """A decorator that is a class."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function

    def __call__(self, *args: object) -> object:
        """Call the function."""
        return self.function(*args)


def search(self: object, query: str = "") -> int:
    """Search."""
    return len(query)


HIDDEN = (
    "a decorator above @action hides it: put @action above that decorator, or use "
    "@functools.wraps(function) in it"
)
DECORATORS: dict[str, tuple[Callable[[Callable[..., object]], object], str]] = {
    "function": (hiding, HIDDEN),
    "class": (Wrapper, HIDDEN),
    "constant": (lambda _: 5, HIDDEN),
    "nothing": (lambda _: None, HIDDEN),
    "partialmethod": (functools.partialmethod, HIDDEN),
    "singledispatchmethod": (functools.singledispatchmethod, HIDDEN),
    "property": (property, "a property cannot be an action: remove that decorator"),
    "cached-property": (
        functools.cached_property,
        "a cached_property cannot be an action: remove that decorator",
    ),
}


def _errors_of(plugin: TypedActions) -> list[str]:
    with pytest.raises(InvalidPluginError) as raised:
        plugin.schema()
    return str(raised.value).splitlines()


@pytest.mark.parametrize(("decorator", "reason"), DECORATORS.values(), ids=DECORATORS)
def test_a_decorator_that_hides_an_action_is_refused(
    decorator: Callable[[Callable[..., object]], object], reason: str
) -> None:
    """The sentence names file, line and method; the same in a class that others derive from."""

    class Mixin:
        @decorator
        @action(timeout=3)
        def search(self) -> int:
            """Search."""
            return 1

    class Mixed(Mixin, Base):
        pass

    line = inspect.getsource(Mixin).splitlines().index("        @decorator")
    place = f"{__file__}:{inspect.getsourcelines(Mixin)[1] + line} Mixin.search"
    assert _errors_of(Mixed()) == [f"{place}: {reason}"]


def test_decorators_that_show_the_function_are_allowed() -> None:
    """`functools.wraps` and static methods keep an action."""

    class Shown(Base):
        @functools.lru_cache  # noqa: B019 - any decorator with wraps
        @action
        def cached(self) -> int:
            """Search."""
            return 1

        @staticmethod
        @action
        def static() -> int:
            """Search."""
            return 2

        @action
        @staticmethod
        def also_static() -> int:
            """Search."""
            return 3

    names = [found.name for found in Shown().schema().actions]
    assert names == ["kept", "cached", "static", "also_static"]


def test_an_action_that_another_definition_replaces_is_refused() -> None:
    """Python keeps the last definition only."""

    class Twice(Base):
        @action(name="one")
        async def search(self) -> int:
            """Search."""
            return 1

        @action(name="two")  # type: ignore[no-redef] # the mistake
        async def search(self) -> int:  # noqa: F811 - the mistake
            """Search."""
            return 2

    (error,) = _errors_of(Twice())
    assert error.endswith(
        "Twice.search: another definition of the same name takes its place: rename one of them"
    )


async def test_two_names_are_two_actions() -> None:
    """As with `@agent.action`, each decorator adds an action."""

    class Named(Base):
        @action(name="one")
        @action(name="two", timeout=5)
        async def search(self) -> int:
            """Search."""
            return 7

    plugin = Named()
    assert [found.name for found in plugin.schema().actions] == ["kept", "two", "one"]
    assert (await plugin.call("one")).value == (await plugin.call("two")).value == 7


def test_the_same_name_twice_is_refused() -> None:
    """The second one would never be called."""

    class Doubled(Base):
        @action
        @action
        async def search(self) -> int:
            """Search."""
            return 7

    (error,) = _errors_of(Doubled())
    assert error.endswith('Doubled.search: another action is named "search"')


@pytest.mark.parametrize("value", [5, "text", property(lambda _: 3)])
def test_an_action_is_not_overridden_by_a_value(value: object) -> None:
    """A class that derives from another removes an action with `None` only."""

    class Derived(Base):
        kept = value  # type: ignore[assignment] # the mistake

    assert _errors_of(Derived()) == [
        (
            "Derived.kept takes the place of an action, but cannot be called: write a method, or "
            "kept = None to remove the action"
        )
    ]

    class Without(Base):
        kept = None  # type: ignore[assignment] # removes it

    assert Without().schema().actions == []


def test_a_deleted_method_is_no_mistake() -> None:
    """`del` says that it is not wanted."""

    class Deleted(Base):
        @action
        async def search(self) -> int:
            """Search."""
            return 1

        del search

    assert [found.name for found in Deleted().schema().actions] == ["kept"]


def test_classes_of_one_name_do_not_blame_each_other() -> None:
    """A class that is made several times has the actions of its own body."""

    def make(*, hidden: bool) -> TypedActions:
        class Made(Base):
            if hidden:

                @hiding
                @action
                async def search(self) -> int:
                    """Search."""
                    return 1

        return Made()

    assert len(_errors_of(make(hidden=True))) == 1
    assert [found.name for found in make(hidden=False).schema().actions] == ["kept"]


@pytest.mark.parametrize("kind", [property, functools.cached_property])
def test_a_property_is_refused_below_too(kind: type[object]) -> None:
    """With `@action` above the property, where it is defined."""
    given: object = kind(search)  # type: ignore[call-arg] # either of them takes a function
    with pytest.raises(TypeError, match=f"a {kind.__name__} cannot be an action"):
        action(given)  # type: ignore[call-overload] # the mistake


class NotTyped(MirastackPlugin):
    """A plugin whose base class looks for no actions."""

    def info(self) -> PluginInfo:
        return Base().info()

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("old", "The old way.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()

    @action
    async def search(self, query: str) -> int:
        """Search."""
        return len(query)


def test_actions_of_a_class_without_typed_actions_are_refused() -> None:
    """The agent does not start without them."""
    with pytest.raises(InvalidPluginError) as raised:
        checked_plugin(NotTyped())
    assert str(raised.value) == (
        "@action has no effect on search: derive NotTyped from TypedActions too"
    )

    class Typed(NotTyped, TypedActions):
        pass

    names = [found.name for found in checked_plugin(Typed()).schema.actions]
    assert names == ["search", "old"]


@pytest.mark.parametrize("above", [True, False])
def test_action_beside_agent_action_is_refused(*, above: bool) -> None:
    """Its options would be lost."""
    agent = new_agent()

    async def search() -> int:
        """Search."""
        return 1

    if above:
        action(timeout=3)(agent.action(search))
    else:
        agent.action(action(timeout=3)(search))
    place = f"{__file__}:{search.__code__.co_firstlineno} search"
    assert _errors_of(agent) == [
        (
            f"{place}: @action has no effect beside @agent.action: remove it, and pass its options "
            "to @agent.action"
        )
    ]


def test_a_method_may_be_registered_with_another_name() -> None:
    """The method of an agent's class under a second name is no mistake."""

    class Own(Agent):
        @action
        async def search(self) -> int:
            """Search."""
            return 1

    agent = Own(
        name="logs",
        version="1.0.0",
        description="Searches.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )
    agent.action(name="find")(agent.search)
    assert [found.name for found in agent.schema().actions] == ["search", "find"]


def test_a_second_health_check_is_refused() -> None:
    """The first one would never be called."""
    agent = new_agent()

    @agent.health
    async def one() -> None: ...

    @agent.health
    async def two() -> None: ...

    place = f"{__file__}:{two.__code__.co_firstlineno} two"
    assert _errors_of(agent) == [
        f"{place}: the agent has another health check: call it from this one"
    ]
