"""The results of tools: what an execution returned, or why it did not."""

import json
from collections.abc import Iterable, Mapping

from mcp import types

from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool
from mirastack_sdk._text import compact_json, refuse_constant
from mirastack_sdk.testing import AgentCallError, ExecutionResult

_ERROR_MEMBERS = frozenset({"error", "logs"})


def tool_result(tool: OfferedTool, result: ExecutionResult) -> types.CallToolResult:
    """The result of a tool: structured content and its text, or the error that the model reads."""
    if not result.success:
        return error_result([result.error, *result.logs])
    value = result.value
    if isinstance(value, Mapping) and value.get("error") and value.keys() <= _ERROR_MEMBERS:
        return error_result([str(value["error"]), *result.logs])
    content = _structured(tool, value)
    return types.CallToolResult(content=[_text(compact_json(content))], structured_content=content)


def error_result(lines: Iterable[str]) -> types.CallToolResult:
    """The result of a tool that failed; a line that others repeat is left out."""
    kept: list[str] = []
    for line in lines:
        if line and all(line not in known for known in kept):
            kept.append(line)
    text = "\n".join(kept) or "the action failed without a reason"
    return types.CallToolResult(content=[_text(text)], is_error=True)


def unanswered_result(
    tool: OfferedTool, error: AgentCallError, timeout: float
) -> types.CallToolResult:
    """The result of a tool whose action did not respond."""
    if error.reason == "deadline_exceeded":
        return error_result([f"{tool.name} did not finish within {timeout:g} s"])
    return error_result([f"{tool.name} did not respond: {error}"])


def _structured(tool: OfferedTool, value: object) -> dict[str, object]:
    """The result as a JSON object, which MCP asks for.

    `result` is JSON in a text, for the engine: here it is the value itself.
    """
    if not isinstance(value, Mapping):
        return {"result": value}
    content = {str(name): member for name, member in value.items()}
    text = content.get("result")
    if isinstance(text, str):
        content["result"] = _parsed(text, is_typed=tool.is_typed)
    return content


def _parsed(text: str, *, is_typed: bool) -> object:
    """The value in a JSON text.

    Authors who write the text themselves may mean text where it looks like a number.
    """
    try:
        value: object = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return text
    return value if is_typed or isinstance(value, dict | list | str) else text


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
