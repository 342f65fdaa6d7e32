"""The MCP server of one agent: its tools, prompts and logs."""

import asyncio
from collections.abc import Mapping, Sequence

from mcp import MCPError, types
from mcp.server import Server

from mirastack_sdk._cli.mcp_server.call_follower import Answer, CallFollower
from mirastack_sdk._cli.mcp_server.client_request import ClientRequest, RequestContext
from mirastack_sdk._cli.mcp_server.offered_prompts import OfferedPrompt
from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool
from mirastack_sdk._cli.mcp_server.running_calls import RunningCalls
from mirastack_sdk._cli.mcp_server.suspended_calls import SuspendedCalls
from mirastack_sdk._cli.mcp_server.tool_call import ToolCall
from mirastack_sdk._core.model.declarations import PluginInfo

type McpServer = Server[dict[str, object]]

_SESSION_HEADER = "mcp-session-id"
_MOST_SESSIONS = 10_000


class AgentServer:
    """Answers the requests of MCP clients; `server` is for the transports.

    `is_shared` tells whether several clients may be connected, as over HTTP.
    """

    def __init__(
        self,
        info: PluginInfo,
        tools: Mapping[str, OfferedTool],
        prompts: Mapping[str, OfferedPrompt],
        calls: RunningCalls,
        *,
        is_shared: bool,
    ) -> None:
        self._tools = tools
        self._prompts = prompts
        self.calls = calls
        self._is_shared = is_shared
        self._suspended = SuspendedCalls()
        self._levels: dict[object, types.LoggingLevel] = {}
        self.running: set[ToolCall] = set()
        self.server: McpServer = Server(
            info.name,
            version=info.version,
            instructions=info.description,
            get_tool_input_schema=self._input_schema,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_prompts=self._list_prompts if prompts else None,
            on_get_prompt=self._get_prompt if prompts else None,
        )
        self.server.add_request_handler(
            "logging/setLevel", types.SetLevelRequestParams, self._set_level
        )

    async def drain(self, seconds: float) -> None:
        """Let the calls that run go on for some seconds, then cancel them and wait."""
        tasks = [call.task for call in self.running]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """Cancel the calls whose clients have not come back."""
        self._suspended.close()

    def _input_schema(self, name: str) -> Mapping[str, object] | None:
        tool = self._tools.get(name)
        return None if tool is None else tool.tool.input_schema

    async def _list_tools(
        self,
        context: RequestContext,  # noqa: ARG002 - every client sees the same tools
        params: types.PaginatedRequestParams | None,  # noqa: ARG002 - there is one page
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[offered.tool for offered in self._tools.values()])

    async def _call_tool(
        self, context: RequestContext, params: types.CallToolRequestParams
    ) -> Answer:
        arguments = params.arguments or {}
        request = ClientRequest(context, self._level(context))
        if params.request_state is None:
            tool = self._tools.get(params.name)
            if tool is None:
                raise _unknown("tool", params.name, list(self._tools))
            call = ToolCall(tool, arguments, self._owner(context))
            call.start(self.calls.run)
        else:
            call = self._suspended.resume(params.request_state, params.name, arguments)
        follower = CallFollower(call, request, self._suspended)
        follower.take_answers(params.input_responses or {})
        self.running.add(call)
        try:
            return await follower.answer()
        finally:
            self.running.discard(call)

    async def _list_prompts(
        self,
        context: RequestContext,  # noqa: ARG002 - every client sees the same prompts
        params: types.PaginatedRequestParams | None,  # noqa: ARG002 - there is one page
    ) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[found.prompt for found in self._prompts.values()])

    async def _get_prompt(
        self,
        context: RequestContext,  # noqa: ARG002 - every client sees the same prompts
        params: types.GetPromptRequestParams,
    ) -> types.GetPromptResult:
        offered = self._prompts.get(params.name)
        if offered is None:
            raise _unknown("prompt", params.name, list(self._prompts))
        try:
            text = offered.filled(params.arguments or {})
        except KeyError as error:
            raise MCPError(
                types.INVALID_PARAMS, f"the prompt {params.name} needs the argument {error.args[0]}"
            ) from error
        return types.GetPromptResult(
            description=offered.prompt.description,
            messages=[
                types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
            ],
        )

    async def _set_level(
        self, context: RequestContext, params: types.SetLevelRequestParams
    ) -> types.EmptyResult:
        if len(self._levels) >= _MOST_SESSIONS:
            del self._levels[next(iter(self._levels))]
        self._levels[self._owner(context)] = params.level
        return types.EmptyResult()

    def _level(self, context: RequestContext) -> types.LoggingLevel:
        return self._levels.get(self._owner(context), "debug")

    def _owner(self, context: RequestContext) -> object:
        """What identifies the client: its session, or this request if there are no sessions."""
        if not self._is_shared:
            return self
        headers = getattr(context.request, "headers", {})
        return headers.get(_SESSION_HEADER) or object()


def _unknown(what: str, name: str, known: Sequence[str]) -> MCPError:
    return MCPError(
        types.INVALID_PARAMS, f"unknown {what}: {name}; the {what}s are {', '.join(known)}"
    )
