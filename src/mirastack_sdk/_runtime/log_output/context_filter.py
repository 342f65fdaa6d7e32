"""The filter that lets log records name the running call."""

import logging

from mirastack_sdk._log import log_fields


class ContextFilter(logging.Filter):
    """Adds what identifies the running call to each record, for a handler of your own.

    During a call of your code, records get the attributes `execution_id`, `step_id`, `action` and
    `tenant_id`, except those that the engine has left empty and those that a record has already;
    other records stay as they are. Every logger's records get them, if the filter is added to the
    handler. Add it to a `QueueHandler` rather than to the handlers behind its queue, which run in
    another thread. It lets every record through.
    """

    def __init__(self) -> None:
        super().__init__()

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the attributes, and return true."""
        attributes = vars(record)
        for name, value in log_fields().items():
            attributes.setdefault(name, value)
        return True
