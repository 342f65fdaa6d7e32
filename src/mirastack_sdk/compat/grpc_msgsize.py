"""The size limit of messages."""

from mirastack_sdk import _log
from mirastack_sdk._core.settings import process_settings
from mirastack_sdk.compat import _read_when_called

__all__ = ["resolve_max_message_bytes"]

_LOG = _log.Log("compat")


def resolve_max_message_bytes() -> int:
    """The largest message sent or received, from MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES.

    A value that is not valid is logged and counts as the default of 64 MiB; `serve()` does not
    start with such a value.
    """
    errors: list[str] = []
    limit = process_settings.MAX_MESSAGE_BYTES.read(_read_when_called.process_environment(), errors)
    for error in errors:
        _LOG.warning("%s; %d is used", error, limit)
    return limit
