"""The calls of tools that wait for an answer which comes with another request."""

import asyncio
import secrets

from mcp import MCPError, types

from mirastack_sdk._cli.mcp_server.tool_call import ToolCall
from mirastack_sdk._deferred.dataclasses import dataclass

_KEPT_SECONDS = 600.0
_MOST_CALLS = 100


@dataclass(eq=False, slots=True, kw_only=True)
class _Suspended:
    call: ToolCall
    expiry: asyncio.TimerHandle


class SuspendedCalls:
    """The calls between two requests of their clients, by what MCP calls the request state.

    A state cannot be guessed. A client that does not come back within ten minutes loses its call,
    and so does the oldest of more than a hundred.
    """

    def __init__(self) -> None:
        self._calls: dict[str, _Suspended] = {}

    def suspend(self, call: ToolCall) -> str:
        """Keep a call until its client comes back, and return the state to come back with."""
        state = secrets.token_urlsafe(32)
        expiry = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._drop, state)
        self._calls[state] = _Suspended(call=call, expiry=expiry)
        if len(self._calls) > _MOST_CALLS:
            self._drop(next(iter(self._calls)))
        return state

    def resume(self, state: str, name: str, arguments: object) -> ToolCall:
        """Return the call of a state, once; raises `MCPError` if that is not the one meant."""
        suspended = self._calls.get(state)
        if suspended is None:
            raise _refusal("requestState is unknown: the call has ended or waited too long")
        if (suspended.call.tool.name, suspended.call.arguments) != (name, arguments):
            raise _refusal("requestState belongs to a call with another name or other arguments")
        del self._calls[state]
        suspended.expiry.cancel()
        return suspended.call

    def close(self) -> None:
        """Cancel every call."""
        for state in list(self._calls):
            self._drop(state)

    def _drop(self, state: str) -> None:
        suspended = self._calls.pop(state, None)
        if suspended is not None:
            suspended.expiry.cancel()
            suspended.call.cancel()


def _refusal(sentence: str) -> MCPError:
    return MCPError(types.INVALID_PARAMS, sentence)
