"""What the exceptions of an action mean: an error for the model, or a cancellation."""

import asyncio

from mirastack_sdk.errors import ActionError


def is_cancellation(error: BaseException) -> bool:
    """Whether the task is being cancelled, rather than code that raised `CancelledError`."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def action_errors(error: BaseException) -> list[str]:
    """The texts of an `ActionError`, or of a group of nothing else."""
    if isinstance(error, ActionError):
        return [str(error)]
    if not isinstance(error, BaseExceptionGroup):
        return []
    texts = [action_errors(inner) for inner in error.exceptions]
    return [text for found in texts for text in found] if all(texts) else []
