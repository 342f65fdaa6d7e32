"""The call that a handler runs for: its method, encoding, metadata and deadline."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import field

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._wire.codec.encoding import Encoding


@dataclass(slots=True, eq=False)
class IncomingCall:
    """One accepted call.

    `timeout` is what the client allows, in seconds, and `deadline` the same as an instant of the
    event loop's clock; both are `None` when the client set no limit.
    """

    method: str
    encoding: Encoding
    metadata: dict[str, str] = field(repr=False)
    timeout: float | None
    deadline: float | None


_CURRENT: ContextVar[IncomingCall] = ContextVar("mirastack_incoming_call")

# The variable's own methods, which cost no Python call.
current_call: Callable[[], IncomingCall] = _CURRENT.get
"""Return the call that the running handler serves; `LookupError` outside of a handler."""

enter_call: Callable[[IncomingCall], object] = _CURRENT.set
"""Make a call the current one of the running task."""
