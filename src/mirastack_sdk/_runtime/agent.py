"""An agent whose declarations have been checked."""

import uuid
from dataclasses import dataclass, field

from mirastack_sdk._core.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.gates import check_plugin
from mirastack_sdk._core.plugin import MirastackPlugin
from mirastack_sdk.errors import InvalidPluginError


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A plugin that engines accept, and what it declares; `instance_id` is fresh."""

    plugin: MirastackPlugin
    info: PluginInfo
    schema: PluginSchema
    instance_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def checked_agent(plugin: MirastackPlugin) -> Agent:
    """Ask a plugin for its declarations and check them.

    Raises `InvalidPluginError` with everything an engine would refuse it for.
    """
    given: object = plugin
    if not isinstance(given, MirastackPlugin):
        raise InvalidPluginError([_not_a_plugin(given)])
    info, schema = _declared(plugin)
    violations = check_plugin(info, schema)
    if violations:
        raise InvalidPluginError(violations)
    return Agent(plugin=plugin, info=info, schema=schema)


def _declared(plugin: MirastackPlugin) -> tuple[PluginInfo, PluginSchema]:
    name = type(plugin).__name__
    try:
        info = plugin.info()
    except Exception as error:
        raise InvalidPluginError(
            [f"{name}.info() raised {type(error).__name__}: {error}"]
        ) from error
    try:
        schema = plugin.schema()
    except Exception as error:
        text = f"{name}.schema() raised {type(error).__name__}: {error}"
        raise InvalidPluginError([text]) from error
    return info, schema


def _not_a_plugin(given: object) -> str:
    if isinstance(given, type):
        return f"serve() needs an instance of a MirastackPlugin, got a class: {given.__name__}()"
    return f"serve() needs an instance of a MirastackPlugin, got {type(given).__name__}"
