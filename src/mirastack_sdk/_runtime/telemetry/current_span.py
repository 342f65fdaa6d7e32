"""The span of the action that is running, for attributes of the author's own."""

from collections.abc import Callable

type SetAttribute = Callable[[str, str | float | bool], None]


def current_span() -> SetAttribute:
    """The function that sets attributes of the current span; without telemetry, it does nothing."""
    try:
        from opentelemetry import trace  # noqa: PLC0415 - an optional extra
    except ImportError:
        return _ignore
    return trace.get_current_span().set_attribute


def _ignore(key: str, value: str | float | bool) -> None:
    """Take no notice."""
