"""structlog shows the running call, with its bridge to `logging` and without it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from mirastack_sdk._log import logged_call
from mirastack_sdk.logs import ContextFilter, log_fields

CALL = ("execution-7", "step-1", "range_query", "tenant-1")
SHOWN = {
    "execution_id": "execution-7",
    "step_id": "step-1",
    "action": "range_query",
    "tenant_id": "tenant-1",
}


@pytest.fixture(autouse=True)
def _configuration() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def _bridge(stream: io.StringIO) -> logging.Handler:
    """The handler that structlog's documentation sets up, with our filter."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(ContextFilter())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ExtraAdder(allow=SHOWN),
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    return handler


def test_the_bridge_shows_the_call() -> None:
    """Records of structlog's loggers and of others have the fields, and their own beside them."""
    stream = io.StringIO()
    logger = logging.getLogger("bridged")
    handler = _bridge(stream)
    logger.addHandler(handler)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    with logged_call(CALL):
        structlog.get_logger("bridged").warning("by structlog", rows=3)
        logger.warning("by a library", extra={"rows": 3})
    logger.removeHandler(handler)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {"event": "by structlog", "level": "warning", "rows": 3, **SHOWN}
    assert second == {"event": "by a library", "level": "warning", "rows": 3, **SHOWN}


def test_a_processor_shows_the_call() -> None:
    """Without the bridge, `log_fields` is all that a processor needs."""

    def add_call(
        _: object, __: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {**log_fields(), **event}

    stream = io.StringIO()
    structlog.configure(
        processors=[add_call, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    with logged_call(CALL):
        structlog.get_logger().warning("event", step_id="own")
    assert json.loads(stream.getvalue()) == {**SHOWN, "event": "event", "step_id": "own"}
