"""The lines that an agent writes, read into records of its log."""

import json
from collections.abc import Iterable
from datetime import datetime

from mirastack_sdk._cli.dev.child_process import StreamName
from mirastack_sdk._cli.inspector.log_line import LogLine
from mirastack_sdk.datetimeutils import now_utc_ms

# Texts of many lines, which are shown below the message.
_BLOCKS = ("exception", "stack")


def log_line(stream: StreamName, line: str) -> LogLine:
    """A record in JSON, or a line that something has printed."""
    if stream == "stderr" and line.startswith("{"):
        record = _record(line)
        if record is not None:
            return record
    return LogLine(at=now_utc_ms(), level="", logger=stream, text=line)


def _record(line: str) -> LogLine | None:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match parsed:
        case {
            "time": str(time),
            "level": str(level),
            "logger": str(logger),
            "message": str(text),
            **others,
        }:
            members = {str(name): value for name, value in others.items()}
            blocks = [str(members.pop(name)) for name in _BLOCKS if name in members]
            return LogLine(
                at=_epoch_ms(time),
                level=level,
                logger=logger,
                text=_joined(text, blocks),
                fields=members,
            )
        case _:
            return None


def _epoch_ms(time: str) -> int:
    try:
        return int(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError):
        return now_utc_ms()


def _joined(text: str, blocks: Iterable[str]) -> str:
    return "\n".join([text, *blocks])
