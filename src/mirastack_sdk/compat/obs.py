"""Attributes of the span of the running action."""

from collections.abc import Iterator
from contextlib import contextmanager

from mirastack_sdk._runtime.telemetry import current_span

__all__ = ["ActionSpan", "start_action"]


class ActionSpan:
    """The span of the running action; it does nothing if telemetry is off."""

    def __init__(self, set_attribute: current_span.SetAttribute) -> None:
        self._set_attribute = set_attribute

    def set_attribute(self, key: str, value: str | float | bool) -> None:
        """Set an attribute of the span."""
        self._set_attribute(key, value)

    def set_io_bytes(self, input_bytes: int, output_bytes: int) -> None:
        """Set the sizes of the action's input and output."""
        self._set_attribute("agent.input_bytes", input_bytes)
        self._set_attribute("agent.output_bytes", output_bytes)


@contextmanager
def start_action(plugin_name: str, action_id: str, permission: str = "") -> Iterator[ActionSpan]:
    """The span `agent.action` of the running action.

    The SDK opens this span for every action and counts the action, so this function opens and
    counts nothing: dashboards would show the action twice. The arguments have no effect.
    """
    del plugin_name, action_id, permission
    yield ActionSpan(current_span.current_span())
