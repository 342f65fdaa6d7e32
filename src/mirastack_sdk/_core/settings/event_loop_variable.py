"""The variable that chooses the event loop of `serve()`."""

from collections.abc import Mapping
from typing import Literal

from mirastack_sdk._core.settings.variable import Variable, one_of

type EventLoop = Literal["asyncio", "uvloop"]

_EVENT_LOOPS: Mapping[str, EventLoop] = {"asyncio": "asyncio", "uvloop": "uvloop"}

EVENT_LOOP: Variable[EventLoop] = Variable(
    name="MIRASTACK_SDK_EVENT_LOOP",
    meaning="the event loop that `serve()` runs the agent on; uvloop needs the extra `speed`",
    default="asyncio",
    expected="asyncio or uvloop",
    parse=one_of(_EVENT_LOOPS),
    fallback="asyncio",
)
