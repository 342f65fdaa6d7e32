"""The plugin that a suite checks, from what its author has named."""

import inspect
from collections.abc import Callable

from mirastack_sdk._core.model.plugin_base import HasPlugin, MirastackPlugin

type PluginSource = (
    MirastackPlugin | HasPlugin | Callable[..., MirastackPlugin] | Callable[..., HasPlugin]
)
"""An agent, or its class, or a function or a method of the suite that returns one."""


def named_plugin(suite: object) -> object:
    """What `suite.plugin` names; a function is not bound to the suite."""
    try:
        found: object = inspect.getattr_static(suite, "plugin")
    except AttributeError:
        raise TypeError(
            f'{type(suite).__name__} names no plugin: add a line such as "plugin = MyAgent"'
        ) from None
    if isinstance(found, staticmethod):
        return found.__func__
    if isinstance(found, property):
        return getattr(suite, "plugin")  # noqa: B009 - a property of the author's class
    if inspect.isfunction(found) and _takes_self(found):
        return found.__get__(suite)
    return found


def _takes_self(function: Callable[..., object]) -> bool:
    """Whether it is a method of the author's class: what a factory takes has defaults."""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return (
        first is not None
        and first.default is inspect.Parameter.empty
        and first.kind not in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    )


def plugin_of(source: object) -> MirastackPlugin:
    """The plugin of an agent, of its class, or of a function that returns one.

    Raises `TypeError` for anything else, and what the author's code raises.
    """
    given = source
    if isinstance(given, type) or not (_is_plugin(given) or not callable(given)):
        given = given()
    if isinstance(given, MirastackPlugin):
        return given
    make = getattr(given, "__mirastack_plugin__", None)
    made: object = make() if callable(make) else given
    if isinstance(made, MirastackPlugin):
        return made
    raise TypeError(
        "plugin must be an agent, its class, or a function that returns one, "
        f"got {type(made).__name__}"
    )


def _is_plugin(given: object) -> bool:
    return isinstance(given, MirastackPlugin) or hasattr(given, "__mirastack_plugin__")
