"""What a handler may know of the call it answers."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from mirastack_sdk._wire.codec.encoding import Encoding


@dataclass(slots=True, kw_only=True, eq=False)
class IncomingCall:
    """One call that was admitted.

    `timeout` is what the caller allows, in seconds, and `deadline` the same as an instant of the
    event loop's clock; both are `None` when the caller set no limit.
    """

    method: str
    encoding: Encoding
    metadata: dict[str, str] = field(repr=False)
    timeout: float | None
    deadline: float | None


_CURRENT: ContextVar[IncomingCall] = ContextVar("mirastack_incoming_call")

# The variable's own methods: every call uses them.
current_call: Callable[[], IncomingCall] = _CURRENT.get
"""Return the call that the running handler serves; `LookupError` outside of one."""

enter_call: Callable[[IncomingCall], object] = _CURRENT.set
"""Make a call the current one of the running task."""
