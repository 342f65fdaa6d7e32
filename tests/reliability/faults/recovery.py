"""What must hold when a fault has passed: everything is answered, and soon."""

import asyncio
from collections.abc import Iterable

RECOVERY_SECONDS = 3.0


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


async def all_answered(calls: Iterable["asyncio.Task[bool]"]) -> None:
    """Hold the promise: within 3 seconds from now every call has been answered."""
    began = now()
    done, pending = await asyncio.wait(list(calls), timeout=RECOVERY_SECONDS)
    assert not pending, f"{len(pending)} calls are not answered after {now() - began:.1f} s"
    failures = [task.exception() for task in done if task.exception() is not None]
    assert failures == []
