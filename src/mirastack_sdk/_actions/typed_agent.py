"""An agent of typed functions, without a class of the author's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypedDict, Unpack, overload

from mirastack_sdk._actions.options import (
    ActionDecorator,
    ActionFunction,
    ActionOptions,
    checked_function,
)
from mirastack_sdk._actions.run.hooks import LifespanFunction
from mirastack_sdk._actions.typed_plugin import TypedActions
from mirastack_sdk._core.model.declarations import (
    IntentPattern,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
)
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse

__all__ = ["Agent", "AgentOptions"]


class AgentOptions(TypedDict, total=False):
    """What may be said of an agent beside who it is; see `PluginInfo`.

    `config` is the class of its configuration: a dataclass or a pydantic model. `lifespan` is what
    spans its life, as with `Agent.lifespan`.
    """

    intent_patterns: Sequence[IntentPattern]
    prompt_templates: Sequence[PromptTemplate]
    metadata: Mapping[str, str]
    config: type[object]
    lifespan: LifespanFunction


class Agent(TypedActions):
    """An agent whose actions are typed functions: `@agent.action`, then `serve(agent)`.

    `name` is unique and snake_case, `version` semantic. `permission` and `devops_stages` hold for
    every action that does not say otherwise.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        description: str,
        permission: Permission,
        devops_stages: Sequence[str],
        **options: Unpack[AgentOptions],
    ) -> None:
        if isinstance(devops_stages, str):  # which checkers take for a sequence of texts
            raise TypeError(f'devops_stages is one text: write ["{devops_stages}"]')
        self._info = PluginInfo(
            name=name,
            version=version,
            description=description,
            permission=permission,
            devops_stages=list(devops_stages),
            intent_patterns=list(options.get("intent_patterns", ())),
            prompt_templates=list(options.get("prompt_templates", ())),
            metadata=dict(options.get("metadata", {})),
        )
        if "config" in options:
            self._typed_actions.set_config_class(options["config"])
        if "lifespan" in options:
            self._typed_actions.add_lifespan(options["lifespan"])

    def info(self) -> PluginInfo:
        """Who the agent is."""
        return self._info

    def schema(self) -> PluginSchema:
        """The actions; raises `InvalidPluginError` with all that is wrong with their functions."""
        return super().schema()

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Run an action; one that there is not is answered with those that there are."""
        return self._typed_actions.unknown(req.action)

    def health_check(self) -> Awaitable[None] | None:
        """Call the function that `health` has taken; without one the agent is healthy."""
        return self._typed_actions.check_health()

    async def config_updated(self, config: dict[str, str]) -> None:
        """Take over what an engine has pushed, the whole of it, from the next call on.

        Raises `ConfigurationError` with everything that does not fit, `StartError` for a lifespan
        that does not begin with it, and what `on_config`'s functions raise; then all stays as it
        was.
        """

    @overload
    def action[Function: Callable[..., object]](self, function: Function, /) -> Function: ...

    @overload
    def action(self, /, **options: Unpack[ActionOptions]) -> ActionDecorator: ...

    def action[Function: Callable[..., object]](
        self, function: Function | None = None, /, **options: Unpack[ActionOptions]
    ) -> Function | ActionDecorator:
        """Make an action of a function: `@agent.action` or `@agent.action(timeout=30)`.

        The function stays what it is, its type included. `ActionOptions` says what the options
        mean.
        """

        def decorated[Action: Callable[..., object]](given: Action, /) -> Action:
            self._typed_actions.add(
                ActionFunction(function=checked_function(given), options=options)
            )
            return given

        return decorated if function is None else decorated(function)

    def health[Function: Callable[..., object]](self, function: Function, /) -> Function:
        """Have a function called for each health check: `@agent.health`.

        It raises where the backend cannot be used; it may have dependencies.
        """
        self._typed_actions.set_health_check(function)
        return function

    def lifespan[Function: LifespanFunction](self, function: Function, /) -> Function:
        """Have something span the agent's life: `@agent.lifespan` on an async generator function.

        What stands before its `yield` runs before the agent serves, what stands after it when the
        last call has ended. What it yields is injected into whatever has a parameter of that type.
        It may have dependencies; one that has the configuration begins as soon as there is one, and
        anew whenever that changes.

        If it raises at the start, the agent does not start: `serve()` ends with status 1.
        """
        self._typed_actions.add_lifespan(function)
        return function

    def on_config[Function: Callable[..., object]](self, function: Function, /) -> Function:
        """Have a function asked before a changed configuration is taken over: `@agent.on_config`.

        It is given the new configuration, and dependencies made of it; what it raises refuses it.
        """
        self._typed_actions.add_config_hook(function)
        return function
