"""An agent whose declarations have been checked."""

import inspect
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from mirastack_sdk._core.model.declarations import PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.policy.gates import check_info, check_plugin
from mirastack_sdk._core.redaction.clean import text_of
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._log import Log
from mirastack_sdk.errors import InvalidPluginError

_LOG = Log("agent")

_SLOW_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPlugin:
    """A plugin that engines accept, and what it declares; `instance_id` is fresh."""

    plugin: MirastackPlugin
    info: PluginInfo
    schema: PluginSchema
    instance_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def checked_plugin(plugin: MirastackPlugin) -> CheckedPlugin:
    """Ask a plugin for its declarations and check them.

    Raises `InvalidPluginError` with everything an engine would refuse it for.
    """
    given: object = plugin
    if not isinstance(given, MirastackPlugin):
        raise InvalidPluginError([_not_a_plugin(given)])
    name = type(plugin).__name__
    # To look a method up may be the author's code, too.
    info = _asked(lambda: plugin.info(), f"{name}.info()")  # noqa: PLW0108 - see above
    try:
        schema = _asked(lambda: plugin.schema(), f"{name}.schema()")  # noqa: PLW0108 - likewise
    except InvalidPluginError as error:
        raise InvalidPluginError([*check_info(info), *error.violations]) from error
    violations = check_plugin(info, schema)
    if violations:
        raise InvalidPluginError(violations)
    return CheckedPlugin(plugin=plugin, info=info, schema=schema)


def _asked[Declaration](method: Callable[[], Declaration], what: str) -> Declaration:
    """What a method declares; what it finds wrong by itself passes, one violation each."""
    # Nothing runs yet that would report it, and the process seems to hang.
    patience = threading.Timer(_SLOW_SECONDS, _report_slowness, (what,))
    patience.daemon = True
    patience.start()
    try:
        declaration = method()
    except InvalidPluginError:
        raise
    except (Exception, SystemExit) as error:
        raised = f"{type(error).__name__}: {hide_credentials(text_of(error))}"
        raise InvalidPluginError([f"{what} raised {raised}"]) from error
    finally:
        patience.cancel()
    if inspect.iscoroutine(declaration):
        # The gates will say what is wrong with it; Python need not complain as well.
        declaration.close()
    return declaration


def _report_slowness(what: str) -> None:
    _LOG.warning("%s has not returned for %g s, the agent cannot start", what, _SLOW_SECONDS)


def _not_a_plugin(given: object) -> str:
    if isinstance(given, type):
        return f"serve() needs an instance of a MirastackPlugin, got a class: {given.__name__}()"
    return f"serve() needs an instance of a MirastackPlugin, got {type(given).__name__}"
