"""One request of an MCP client that waits for a tool: what it can be told and asked."""

import math
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import get_args

import anyio
from mcp import MCPError, types
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.shared.message import ServerMessageMetadata
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from mirastack_sdk._cli.mcp_server.approvals import Question, approval_of, refused
from mirastack_sdk._cli.mcp_server.tool_call import Listener
from mirastack_sdk._core.model.engine_api import Approval
from mirastack_sdk._text import shortened

type RequestContext = ServerRequestContext[dict[str, object]]

_LONGEST_MESSAGE = 1_000
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError)
_LEVELS: Sequence[types.LoggingLevel] = get_args(types.LoggingLevel)
"""From the least severe to the most severe."""


class ClientRequest(Listener):
    """A request, and the client that made it."""

    def __init__(self, context: RequestContext, minimum_level: types.LoggingLevel) -> None:
        self._context = context
        self._session = context.session
        self._minimum = minimum_level
        self._metadata = ServerMessageMetadata(related_request_id=context.request_id)
        self._reached = 0.0
        self._has_begun = False
        self._total: float | None = None

    @property
    def is_modern(self) -> bool:
        """Whether questions are asked with a result and not with a request of the server's."""
        return self._context.protocol_version in MODERN_PROTOCOL_VERSIONS

    @property
    def can_be_asked(self) -> bool:
        """Whether the client can show a question to a person."""
        capabilities = self._session.client_capabilities
        elicitation = None if capabilities is None else capabilities.elicitation
        if elicitation is None:
            return False
        # Before there were modes, clients named none.
        return elicitation.form is not None or elicitation.url is None

    @property
    def name(self) -> str:
        """The name of the client, or "client"."""
        params = self._session.client_params
        return "client" if params is None else params.client_info.name

    async def ask(self, question: Question) -> Approval:
        """Ask with a request of the server's, and return what the person answered."""
        try:
            result = await self._session.send_request(
                question.request, types.ElicitResult, metadata=self._metadata
            )
        except MCPError as error:
            return refused(f"the client could not ask: {error.message}")
        except (ValueError, *_GONE):
            return refused("the client did not give a valid answer")
        return approval_of(result, self.name)

    async def partial(self, text: str) -> None:
        await self._step(text)

    async def progress(self, fraction: float | None, message: str) -> None:
        if fraction is None:
            await self._step(message)
        else:
            await self._progress(fraction, 1.0, message)

    async def event(self, level: types.LoggingLevel, event: str, data: object) -> None:
        if _LEVELS.index(level) < _LEVELS.index(self._minimum):
            return
        with warnings.catch_warnings():
            # MCP deprecates its logs, and has nothing else for them. The call warns, not the await.
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            sending = self._session.send_log_message(
                level, {"event": event, "data": data}, related_request_id=self._context.request_id
            )
        with suppress(*_GONE):
            await sending

    async def _step(self, message: str) -> None:
        """Report something of which nobody knows what part of the whole it is."""
        if self._total is None:
            await self._progress(math.floor(self._reached) + 1.0, None, message)
        else:
            await self._progress(self._reached, self._total, message)

    async def _progress(self, value: float, total: float | None, message: str) -> None:
        # Progress must grow with each notification: a repeated value grows as little as possible.
        is_larger = value > self._reached or not self._has_begun
        self._reached = value if is_larger else math.nextafter(self._reached, math.inf)
        self._has_begun = True
        self._total = total
        with suppress(*_GONE):
            await self._session.report_progress(
                self._reached, total, shortened(message, _LONGEST_MESSAGE) or None
            )
