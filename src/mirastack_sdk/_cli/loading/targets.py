"""Targets of commands: the agent in a file, a module, or made by a factory."""

import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.author_code import load
from mirastack_sdk._cli.loading.author_modules import imported_module
from mirastack_sdk._cli.loading.target_text import TargetText
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.compat import Plugin, PluginAdapter

_PLUGIN_CLASSES = (MirastackPlugin, Plugin)
_SDK = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An agent that is ready to be served, and where it comes from.

    `text` is what the author typed, and `object_name` the name of the object that is used. `file`
    is the path of the module, and empty if the module has none. `plugin` is a new instance for each
    `load_target`, unless the module contains an instance.
    """

    text: str
    plugin: MirastackPlugin
    module: ModuleType
    object_name: str
    file: str


def load_target(text: str) -> Target:
    """Import a TARGET and return its agent.

    Raises `CommandError` if there is no such file, module or object, if the author's code fails, or
    if there is not exactly one agent to choose.
    """
    target = TargetText.parse(text)
    module = imported_module(target)
    name = target.object_name or _only_agent(target, module)
    found = _look_up(target, module, name)
    plugin = _plugin(found, f"{target.path or target.module}:{name}")
    file = os.path.realpath(module.__file__) if module.__file__ else ""
    return Target(text=text, plugin=plugin, module=module, object_name=name, file=file)


def _look_up(target: TargetText, module: ModuleType, name: str) -> object:
    found: object = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            agents = ", ".join(_agents_of(module)) or "no agent"
            place = target.path or target.module
            raise CommandError(
                f"{place} has no {name}; it contains {agents}", status=ExitStatus.NO_AGENT
            ) from error
    return found


def _plugin(found: object, named: str) -> MirastackPlugin:
    """The agent that an object is or makes."""
    if isinstance(found, _PLUGIN_CLASSES):
        return _adapted(found)
    if not callable(found):
        raise _no_agent(f"{named} is a {type(found).__name__}, and not an agent")
    if _is_other_class(found):
        raise _no_agent(f"{named} is a class, but not one of an agent")
    if inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found):
        raise _no_agent(
            f"{named} is async: a factory must be a plain function that returns an agent"
        )
    if arguments := ", ".join(_required_arguments(found)):
        raise _no_agent(
            f"{named} needs arguments ({arguments}): "
            "write a function without arguments that returns the agent, and name that"
        )
    made: object = load(found, f"calling {named}")
    if isinstance(made, _PLUGIN_CLASSES):
        return _adapted(made)
    if inspect.iscoroutine(made):
        made.close()
    article = "the class" if inspect.isclass(made) else "a"
    what = made.__name__ if inspect.isclass(made) else type(made).__name__
    raise _no_agent(f"{named} must return an agent, and returned {article} {what}")


def _adapted(found: MirastackPlugin | Plugin) -> MirastackPlugin:
    return PluginAdapter(found) if isinstance(found, Plugin) else found


def _only_agent(target: TargetText, module: ModuleType) -> str:
    """The name of the one agent in a module."""
    place = target.path or target.module
    match _agents_of(module):
        case [name]:
            return name
        case []:
            raise _no_agent(
                f"{place} contains no agent: neither an instance nor a class of one. If a function "
                f"makes it, name the function: {place}:function"
            )
        case names:
            raise _no_agent(
                f"{place} contains {len(names)} agents: {', '.join(names)}. "
                f"Name one of them: {place}:{names[0]}"
            )


def _agents_of(module: ModuleType) -> Sequence[str]:
    """The names of a module's agents: of instances, else of its own classes, else of any class."""
    instances = _by_identity(module, lambda value: isinstance(value, _PLUGIN_CLASSES))
    if instances:
        return instances
    classes = {name: value for name, value in vars(module).items() if _is_agent_class(value)}
    own = {name: cls for name, cls in classes.items() if cls.__module__ == module.__name__}
    return _most_derived(own or classes)


def _by_identity(module: ModuleType, is_wanted: Callable[[object], bool]) -> Sequence[str]:
    """The first name of each wanted object, which may have several."""
    names: dict[int, str] = {}
    for name, value in vars(module).items():
        if is_wanted(value):
            names.setdefault(id(value), name)
    return list(names.values())


def _is_other_class(value: object) -> bool:
    return inspect.isclass(value) and not issubclass(value, _PLUGIN_CLASSES)


def _is_agent_class(value: object) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, _PLUGIN_CLASSES)
        and not inspect.isabstract(value)
        and value.__module__.partition(".")[0] != _SDK
    )


def _most_derived(classes: dict[str, type]) -> Sequence[str]:
    """The names of the classes from which no other one derives."""
    return [
        name
        for name, cls in classes.items()
        if not any(other is not cls and issubclass(other, cls) for other in classes.values())
    ]


def _required_arguments(function: Callable[..., object]) -> Iterator[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some callables of C have none
        return
    for parameter in parameters:
        is_required = parameter.default is parameter.empty
        if is_required and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            yield parameter.name


def _no_agent(sentence: str) -> CommandError:
    return CommandError(sentence, status=ExitStatus.NO_AGENT)
