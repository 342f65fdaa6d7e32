"""The agent that is made of typed functions, without a class."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, Unpack, overload

from mirastack_sdk._actions.options import (
    ActionDecorator,
    ActionFunction,
    ActionOptions,
    checked_function,
    unknown_options,
)
from mirastack_sdk._actions.run.hooks import HookFunction, LifespanFunction
from mirastack_sdk._actions.typed_plugin import TypedActions
from mirastack_sdk._core.model.declarations import (
    IntentPattern,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    Stage,
)
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecuteResponse


class AgentOptions(TypedDict, total=False):
    """The optional arguments of `Agent`; for the first three see `PluginInfo`.

    `config` is the config class: a dataclass or a pydantic model. `lifespan` is an async generator
    function, as for the decorator `Agent.lifespan`.
    """

    intent_patterns: Sequence[IntentPattern]
    prompt_templates: Sequence[PromptTemplate]
    metadata: Mapping[str, str]
    config: type[object]
    lifespan: LifespanFunction


_REQUIRED = ("name", "version", "description", "permission", "devops_stages")


def check_options(options: Mapping[str, object]) -> None:
    """Raise `TypeError` for a misspelt option, for authors without a type checker."""
    known = [*_REQUIRED, *AgentOptions.__annotations__]
    for sentence in unknown_options(options, known):
        raise TypeError(f"Agent: {sentence}")


def _copied[Item](name: str, items: Sequence[Item]) -> list[Item]:
    """A list of the items; what they are is checked with everything else at the start."""
    try:
        return list(items)
    except TypeError:
        raise TypeError(f"{name} must be a list, got {items!r}") from None


def _copied_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    try:
        return dict(metadata)
    except (TypeError, ValueError):
        raise TypeError(f"metadata must be a dict of text to text, got {metadata!r}") from None


class Agent(TypedActions):
    """An agent whose actions are typed functions: `@agent.action`, then `serve(agent)`.

    `name` is unique and in snake_case, `version` is a semantic version. `permission` and
    `devops_stages` are the defaults for all actions.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        description: str,
        permission: Permission,
        devops_stages: Sequence[Stage],
        **options: Unpack[AgentOptions],
    ) -> None:
        check_options(options)
        if isinstance(devops_stages, str):  # type checkers accept it as a sequence
            raise TypeError(f'devops_stages must be a list: write ["{devops_stages}"]')
        self._info = PluginInfo(
            name=name,
            version=version,
            description=description,
            permission=permission,
            devops_stages=_copied("devops_stages", devops_stages),
            intent_patterns=_copied("intent_patterns", options.get("intent_patterns", ())),
            prompt_templates=_copied("prompt_templates", options.get("prompt_templates", ())),
            metadata=_copied_metadata(options.get("metadata", {})),
        )
        if "config" in options:
            given: object = options["config"]
            if not isinstance(given, type):  # for authors without a type checker
                raise TypeError(f"config must be a class, got {given!r}")
            self._typed_actions.set_config_class(options["config"])
        if "lifespan" in options:
            self._typed_actions.add_lifespan(options["lifespan"])

    def info(self) -> PluginInfo:
        """The identity of the agent: name, version, permission and the rest."""
        return self._info

    def schema(self) -> PluginSchema:
        """The actions; raises `InvalidPluginError` with all errors in their declarations."""
        return super().schema()

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        """Run an action; the response to an unknown action lists the actions."""
        return await self._typed_actions.unknown(req.action)

    async def health_check(self) -> None:
        """Call the function registered with `health`; without one the agent is healthy."""
        await self._typed_actions.check_health()

    async def config_updated(self, config: dict[str, str]) -> None:
        """Apply a config that the engine has pushed, from the next call on.

        `config` is the whole config. Raises `ConfigurationError` with all invalid values,
        `StartError` if a lifespan fails to start with it, and whatever the functions registered
        with `on_config` raise. In each case the previous config stays in use.
        """

    @overload
    def action[Function: Callable[..., object]](self, function: Function, /) -> Function: ...

    @overload
    def action(self, /, **options: Unpack[ActionOptions]) -> ActionDecorator: ...

    def action[Function: Callable[..., object]](
        self, function: Function | None = None, /, **options: Unpack[ActionOptions]
    ) -> Function | ActionDecorator:
        """Register a function as an action: `@agent.action` or `@agent.action(timeout=30)`.

        The function itself is returned unchanged, so it can be called directly. See `ActionOptions`
        for the options.
        """

        def decorated[Action: Callable[..., object]](given: Action, /) -> Action:
            self._typed_actions.add(
                ActionFunction(function=checked_function(given), options=options)
            )
            return given

        return decorated if function is None else decorated(function)

    def health[Function: HookFunction](self, function: Function, /) -> Function:
        """Register the function to call for each health check: `@agent.health`.

        The agent is healthy unless the function raises. It returns None: a check that returns False
        fails, since that was meant. It may have dependencies.
        """
        self._typed_actions.set_health_check(function)
        return function

    def lifespan[Function: LifespanFunction](self, function: Function, /) -> Function:
        """Register an async generator function that spans the agent's life: `@agent.lifespan`.

        The code before its `yield` runs before the agent serves, and the code after it when the
        last call has ended. The value that it yields is injected into every parameter of that type.
        It may have dependencies. A lifespan that uses the config starts as soon as the config is
        complete, and starts again whenever the config changes.

        If it raises before its `yield`, the agent does not start: `serve()` exits with status 1.
        """
        self._typed_actions.add_lifespan(function)
        return function

    def on_config[Function: HookFunction](self, function: Function, /) -> Function:
        """Register a function to call before a changed config is applied: `@agent.on_config`.

        It receives the new config and dependencies that use it. If it raises, the new config is
        rejected.
        """
        self._typed_actions.add_config_hook(function)
        return function
