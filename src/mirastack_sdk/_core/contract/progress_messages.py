"""The progress of an execution, as a PublishResult carries it."""

import json
from collections.abc import Callable

from mirastack_sdk._core.model.context import Context, Progress
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._text import compact_json, well_formed

PROGRESS_SCHEMA = "mirastack.progress/v1"
"""What tells progress from partial results, which may be any JSON."""


def progress_request(
    ctx: Context, progress: Progress, tenant_id: str, clean: Callable[[str], str] = str
) -> wire.PublishResultRequest:
    """The message for an execution's progress; `clean` removes secrets from its text."""
    shown = {
        "schema_version": PROGRESS_SCHEMA,
        "progress": progress.fraction,
        "message": clean(progress.message),
    }
    return wire.PublishResultRequest(
        execution_id=ctx.execution_id,
        step_id=ctx.step_id,
        result_json=well_formed(compact_json(shown)).encode(),
        success=True,
        tenant_id=tenant_id,
    )


def progress_in(result_json: bytes) -> Progress | None:
    """The progress that a PublishResult carries, or `None` if it carries a partial result."""
    if PROGRESS_SCHEMA.encode() not in result_json:
        return None
    return progress_of(json.loads(result_json))


def progress_of(published: object) -> Progress | None:
    """The progress that published JSON is, or `None` if it is a partial result."""
    match published:
        case {
            "schema_version": "mirastack.progress/v1",
            "progress": None | int() | float() as fraction,
            "message": str(message),
            **others,
        } if not others and not isinstance(fraction, bool):
            return Progress(fraction=fraction, message=message)
        case _:
            return None
