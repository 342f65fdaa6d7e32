"""A plugin whose declarations have passed the quality gates."""

import inspect
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import field

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import (
    ACTIONS,
    DISPATCHER,
    HasLifespan,
    MirastackPlugin,
)
from mirastack_sdk._core.policy.gates import check_info, check_plugin
from mirastack_sdk._core.policy.routing import derived_actions
from mirastack_sdk._core.redaction.clean import text_of
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import Log
from mirastack_sdk.errors import InvalidPluginError

_LOG = Log("agent")

_SLOW_SECONDS = 10.0


_UUID_PARTS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 16))


def _random_uuid() -> str:
    """A UUID of version 4 (RFC 9562 §5.4), without the module that makes all versions."""
    data = bytearray(os.urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    return "-".join(data[start:end].hex() for start, end in _UUID_PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPlugin:
    """A plugin that engines accept, and its declarations; `instance_id` is new each time."""

    plugin: MirastackPlugin
    info: PluginInfo
    schema: PluginSchema
    instance_id: str = field(default_factory=_random_uuid)

    @property
    def takes_config(self) -> bool:
        """Whether the agent asks the engine for its config."""
        return takes_config(self.plugin, self.info)


def takes_config(plugin: MirastackPlugin, info: PluginInfo) -> bool:
    """Whether an agent has config parameters, a config class or its own `config_updated`."""
    if info.config_params:
        return True
    if isinstance(plugin, HasLifespan):
        return plugin.reads_config
    return type(plugin).config_updated is not MirastackPlugin.config_updated


def checked_plugin(plugin: MirastackPlugin) -> CheckedPlugin:
    """Get a plugin's declarations, and check them.

    Raises `InvalidPluginError` with every reason for which an engine would refuse it.
    """
    given: object = plugin
    if not isinstance(given, MirastackPlugin):
        raise InvalidPluginError([_not_a_plugin(given)])
    # Of an adapter, the author knows what it wraps.
    name = type(inspect.getattr_static(plugin, "__wrapped__", plugin)).__name__
    # Looking a method up may run the author's code, too.
    info = _call_declaration(lambda: plugin.info(), f"{name}.info()")  # noqa: PLW0108 - see above
    try:
        schema = _call_declaration(lambda: plugin.schema(), f"{name}.schema()")  # noqa: PLW0108 - likewise
    except InvalidPluginError as error:
        raise InvalidPluginError([*check_info(info), *error.violations]) from error
    violations = [*check_plugin(info, schema), *_ignored_actions(type(plugin))]
    if violations:
        raise InvalidPluginError(violations)
    if derived := derived_actions(schema):
        _LOG.info(
            "the routing semantics of these actions are derived from their descriptions and "
            "intents: %s",
            ", ".join(derived),
        )
    return CheckedPlugin(plugin=plugin, info=info, schema=schema)


def _call_declaration[Declaration](method: Callable[[], Declaration], what: str) -> Declaration:
    """What a method declares; an `InvalidPluginError` of its own passes unchanged."""
    # The watchdog does not run yet, and the process would seem to hang.
    slow_warning = threading.Timer(_SLOW_SECONDS, _warn_of_slowness, (what,))
    slow_warning.daemon = True
    slow_warning.start()
    try:
        declaration = method()
    except InvalidPluginError:
        raise
    except (Exception, SystemExit) as error:
        raised = f"{type(error).__name__}: {hide_credentials(text_of(error))}"
        raise InvalidPluginError([f"{what} raised {raised}"]) from error
    finally:
        slow_warning.cancel()
    if inspect.iscoroutine(declaration):
        # The gates report it; Python need not warn as well.
        declaration.close()
    return declaration


def _warn_of_slowness(what: str) -> None:
    _LOG.warning(
        "%s has not returned for %g s, the agent cannot start",
        what,
        _SLOW_SECONDS,
    )


def _not_a_plugin(given: object) -> str:
    if isinstance(given, type):
        return f"serve() needs an instance of a MirastackPlugin, got a class: {given.__name__}()"
    return f"serve() needs an instance of a MirastackPlugin, got {type(given).__name__}"


def _ignored_actions(cls: type) -> Iterator[str]:
    """A sentence for a class whose typed actions nobody looks for."""
    marked = [found.__name__ for base in cls.__mro__ for found in vars(base).get(ACTIONS, ())]
    executes = (vars(base).get("execute") for base in cls.__mro__)
    if marked and not any(hasattr(execute, DISPATCHER) for execute in executes):
        yield (
            f"@action has no effect on {', '.join(marked)}: derive {cls.__name__} from "
            "TypedActions too"
        )
