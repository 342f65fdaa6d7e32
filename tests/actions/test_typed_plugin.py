"""Classes can have typed actions beside actions of their own."""

from collections.abc import Awaitable

import pytest

from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import Agent, Depends, TypedActions, action
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    IntentPattern,
    MirastackPlugin,
    Permission,
    PluginInfo,
    PluginSchema,
    RoutingSemantics,
)
from mirastack_sdk.testing import make_execute_request
from tests.actions.agents import new_agent

ROUTING = RoutingSemantics(["core.operate.people"], "core.operate.people.part", ["Part"])


class Documented(MirastackPlugin):
    """An agent as documented; it does not call the constructor of its base."""

    def __init__(self) -> None:
        self.greeting = "hello"

    def info(self) -> PluginInfo:
        return PluginInfo("greeter", "1.0.0", "Greets.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema(actions=[Action("old", "The old way.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse(logs=[f"own: {req.action}"])


class Mixed(TypedActions, Documented):  # type: ignore[misc] # checkers want the other order
    """Both styles; its own `execute` comes from its base."""

    @action
    async def greet(self, name: str) -> str:
        """A class with both kinds of actions; its own `execute` is inherited."""
        return f"{self.greeting} {name}"

    @action(
        name="part",
        intents=["say goodbye to *", IntentPattern("leave *", priority=9)],
        stages=["operate"],
        routing=ROUTING,
    )
    def say_goodbye(self, name: str) -> str:
        """Part from somebody."""
        return f"goodbye {name}"


class MixedLast(Documented, TypedActions):
    """The same bases in the other order."""

    @action
    async def greet(self, name: str) -> str:
        """Greet somebody."""
        return f"{self.greeting} {name}"


class Blocking(TypedActions, MirastackPlugin):
    """A class with a synchronous `execute`, whose schema calls that of its base."""

    def info(self) -> PluginInfo:
        return PluginInfo("blocking", "1.0.0", "Blocks.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([*super().schema().actions, Action("old", "The old way.", {})])

    def execute(self, req: ExecuteRequest) -> Awaitable[ExecuteResponse] | ExecuteResponse:
        if req.action == "old":
            return ExecuteResponse(logs=["own: old"])
        return super().execute(req)

    @action
    async def new(self, count: int) -> int:
        """The new way."""
        return count + 1


class Overriding(Mixed):
    """Overrides one action and removes another."""

    async def greet(self, name: str, times: int = 2) -> str:
        """Greet somebody more than once."""
        return " ".join([await super().greet(name)] * times)

    say_goodbye = None  # type: ignore[assignment] # no action any more


class Whole(Agent):
    """An agent class with an action of its own."""

    def __init__(self) -> None:
        super().__init__(
            name="whole",
            version="1.0.0",
            description="Is whole.",
            permission=Permission.READ,
            devops_stages=["observe"],
        )

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        if req.action == "old":
            return ExecuteResponse(logs=["own: old"])
        return await super().execute(req)

    async def health_check(self) -> None:
        raise RuntimeError("unwell")

    @action
    async def new(self, count: int) -> int:
        """The new way."""
        return count + 1


def names(plugin: MirastackPlugin) -> list[str]:
    """The names of a plugin's actions."""
    return [found.name for found in plugin.schema().actions]


@pytest.mark.parametrize("mixed", [Mixed, MixedLast])
async def test_typed_actions_come_first(mixed: type[Mixed] | type[MixedLast]) -> None:
    """A typed action is found first; all others are the class's own."""
    plugin = mixed()
    assert names(plugin)[0] == "greet"
    assert names(plugin)[-1] == "old"
    assert (await plugin.call("greet", name="you")).value == "hello you"
    assert (await plugin.call("old")).logs == ["own: old"]


async def test_methods_have_options() -> None:
    """Names, intents, stages and routing semantics are declared as given."""
    (part,) = [found for found in Mixed().schema().actions if found.name == "part"]
    phrase, pattern = part.intents
    assert (phrase, pattern) == ("say goodbye to *", IntentPattern("leave *", priority=9))
    assert (part.stages, part.routing_semantics) == (["operate"], ROUTING)
    assert (await Mixed().call("part", name="you")).value == "goodbye you"


async def test_a_synchronous_class_stays_synchronous() -> None:
    """Its schema has each action once, even if it calls that of its base."""
    plugin = Blocking()
    assert names(plugin) == ["new", "old"]
    assert plugin.execute(make_execute_request(action="old")).logs == ["own: old"]  # type: ignore[union-attr] # it is plain
    assert (await plugin.call("new", count="1")).value == 2
    assert (await plugin.call("newer")).logs == ["unknown action: newer; did you mean new?"]


async def test_an_override_is_an_action() -> None:
    """It has its own signature and the options of the method that it overrides; None removes it."""
    plugin = Overriding()
    assert names(plugin) == ["greet", "old"]
    assert list(plugin.schema().actions[0].input_params) == ["name", "times"]
    assert (await plugin.call("greet", name="you")).value == "hello you hello you"


async def test_an_agent_can_be_a_class() -> None:
    """Methods are actions, and it may override plugin methods."""
    agent = Whole()
    assert (await agent.call("new", count=1)).value == 2
    assert (await agent.call("old")).logs == ["own: old"]
    assert (await agent.call("newer")).logs == ["unknown action: newer; did you mean new?"]
    with pytest.raises(RuntimeError, match="unwell"):
        await agent.health_check()


def test_instances_do_not_share_actions() -> None:
    """An action added to one agent is not in another."""
    one, other = Whole(), Whole()

    @one.action
    async def more() -> None:
        """More."""

    assert names(one) == ["new", "more"]
    assert names(other) == ["new"]


def test_the_gates_report_everything_at_once() -> None:
    """Declaration errors and violations of the engine's rules are reported together."""
    agent = Agent(
        name="", version="1.0.0", description="It.", permission=Permission.READ, devops_stages=[]
    )

    @agent.action
    async def search(*words: str, limit) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - the mistake
        """Search."""

    with pytest.raises(InvalidPluginError) as caught:
        checked_plugin(agent)
    violations = caught.value.violations
    assert len(violations) == 4
    assert [violation.partition(": ")[2] for violation in violations][2:] == [
        "*words cannot be passed by name: write words: list[str]",
        '"limit" has no type: write for example limit: str',
    ]


def test_the_gates_check_typed_actions() -> None:
    """A name that no engine accepts is refused."""
    agent = new_agent()

    @agent.action(name="Search Logs")
    async def search() -> None:
        """Search."""

    with pytest.raises(InvalidPluginError, match="name must be in snake_case"):
        checked_plugin(agent)


async def test_calls_report_declaration_errors() -> None:
    """A unit test sees them without the gates."""
    agent = new_agent()

    @agent.action
    async def search(*words: str) -> None:
        """Search."""

    with pytest.raises(InvalidPluginError, match="words"):
        await agent.call("search")


def test_an_agent_without_actions_is_refused() -> None:
    """The same rule holds for every plugin."""
    with pytest.raises(InvalidPluginError, match="at least one"):
        checked_plugin(new_agent())


def test_a_method_without_self_is_refused() -> None:
    """Its first parameter would receive the agent."""

    class Forgetful(Agent):
        @action
        async def greet(name: str) -> str:  # type: ignore[misc] # noqa: N805 - the mistake
            """Greet."""
            return name

    agent = Forgetful(
        name="greeter",
        version="1.0.0",
        description="Greets.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )
    with pytest.raises(InvalidPluginError, match='greet: "name" would receive the object itself'):
        agent.schema()


def test_one_text_as_stages_is_refused() -> None:
    """Type checkers accept a text as a sequence of texts."""
    with pytest.raises(TypeError, match=r'devops_stages must be a list: write \["observe"\]'):
        Agent(
            name="greeter",
            version="1.0.0",
            description="Greets.",
            permission=Permission.READ,
            devops_stages="observe",  # type: ignore[arg-type] # refused at run time too
        )


@pytest.mark.parametrize("config", [5, "LogsConfig", None])
def test_a_config_that_is_no_class_is_refused(config: object) -> None:
    """An instance or a name is a slip; the sentence says what was passed."""
    with pytest.raises(TypeError, match=f"^config must be a class, got {config!r}$"):
        Agent(
            name="greeter",
            version="1.0.0",
            description="Greets.",
            permission=Permission.READ,
            devops_stages=["observe"],
            config=config,  # type: ignore[arg-type] # refused at run time too
        )


def test_a_misspelt_option_of_the_agent_is_refused() -> None:
    """Without a type checker, an agent would serve without its config."""
    options: dict[str, object] = {"confg": object}
    with pytest.raises(TypeError, match=r'^Agent: "confg" is not an option: did you mean config'):
        Agent(
            name="greeter",
            version="1.0.0",
            description="Greets.",
            permission=Permission.READ,
            devops_stages=["observe"],
            **options,  # type: ignore[arg-type] # refused at run time too
        )


def test_another_lifetime_is_refused() -> None:
    """A misspelt one would be that of a call."""
    lifetime: str = "agnt"
    with pytest.raises(ValueError, match=r"""^lifetime must be "call" or "agent", got 'agnt'$"""):
        Depends(new_agent, lifetime=lifetime)  # type: ignore[arg-type] # refused at run time too


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_health_check_that_returns_false_is_unhealthy(*, in_thread: bool) -> None:
    """It was meant as such; nothing else that it returns counts."""
    agent, returned = new_agent(), list[object]()

    async def check() -> object:
        return returned[-1]

    def check_in_thread() -> object:
        return returned[-1]

    function = check_in_thread if in_thread else check
    agent.health(function)  # type: ignore[type-var] # refused at run time too
    accepted: list[object] = [None, True, 0, "", []]
    for healthy in accepted:
        returned.append(healthy)
        await agent.health_check()
    returned.append(False)
    with pytest.raises(RuntimeError, match=r"^check(_in_thread)? returned False: raise an exc"):
        await agent.health_check()


def test_classmethod_goes_above_action() -> None:
    """In the other order, `@action` does not receive a function."""
    with pytest.raises(TypeError, match="put @classmethod above @action"):

        class Wrong(TypedActions):
            @action
            @classmethod
            def greet(cls, name: str) -> str:
                """Greet."""
                return name
