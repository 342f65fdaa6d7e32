"""What must hold after a fault: every call gets its response soon."""

import asyncio
from collections.abc import Iterable

RECOVERY_SECONDS = 3.0


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


async def all_answered(calls: Iterable["asyncio.Task[bool]"]) -> None:
    """Check that every call gets its response within 3 seconds from now."""
    began = now()
    done, pending = await asyncio.wait(list(calls), timeout=RECOVERY_SECONDS)
    assert not pending, f"{len(pending)} calls are not answered after {now() - began:.1f} s"
    failures = [task.exception() for task in done if task.exception() is not None]
    assert failures == []
