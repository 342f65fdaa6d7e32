"""The tools of an MCP server: what clients and models see of an agent's actions."""

import math
from collections.abc import Mapping
from typing import Annotated

import pytest
from jsonschema import Draft202012Validator

from mirastack_sdk._cli.mcp_server.offered_tools import OfferedTool, offered_tools
from mirastack_sdk._cli.mcp_server.tool_arguments import ToolArgumentError, execution_of
from mirastack_sdk.agent import Agent, OrLast
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    TimeRange,
)
from mirastack_sdk.testing import AgentHealth, Introduction
from tests.cli.mcp_server.agents.shop_agent import agent as shop

typed = Agent(
    name="typed", version="1.0.0", description="Typed.", permission=Permission.ADMIN,
    devops_stages=["observe"],
)  # fmt: skip


@typed.action
async def search(query: str, *, time_range: TimeRange) -> list[str]:
    """Search."""
    return []


@typed.action(permission=Permission.MODIFY)
async def move(start: int, *, time_range: Annotated[TimeRange, OrLast(days=1)]) -> None:
    """Move from a start."""


@typed.action(permission=Permission.READ)
async def crowded(start: str, time_range_end: str, *, time_range: TimeRange | None) -> None:
    """Have both pairs of names."""


class Untyped(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo("untyped", "1.0.0", "Untyped.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("run", "Run it.", {"x": ParamSchema("integer")})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


def tools_of(plugin: MirastackPlugin) -> dict[str, OfferedTool]:
    """The tools of an agent that has introduced itself."""
    health = AgentHealth(healthy=True)
    introduction = Introduction(info=plugin.info(), schema=plugin.schema(), health=health)
    return offered_tools(plugin, introduction)


TYPED, UNTYPED = tools_of(typed), tools_of(Untyped())
ALL = {**tools_of(shop), **TYPED, **UNTYPED}


def properties(tool: OfferedTool) -> Mapping[str, Mapping[str, object]]:
    """The arguments of a tool."""
    found: Mapping[str, Mapping[str, object]] = tool.tool.input_schema["properties"]
    return found


@pytest.mark.parametrize("name", ALL)
def test_schemas_are_valid(name: str) -> None:
    """Clients compile them, and refuse a tool whose schema is none."""
    tool = ALL[name].tool
    Draft202012Validator.check_schema(tool.input_schema)
    Draft202012Validator.check_schema(tool.output_schema or {})
    assert tool.input_schema["type"] == "object"


def test_results_refer_to_definitions_at_the_root() -> None:
    """A result under `result` is still valid under the schema of the tool's output."""
    schema = ALL["list_items"].tool.output_schema
    assert schema is not None
    checked = Draft202012Validator(schema)
    checked.validate({"result": [{"name": "wine", "price": 10}], "logs": ["cut"]})
    with pytest.raises(Exception, match="'cheap' is not of type 'number'"):
        checked.validate({"result": [{"name": "wine", "price": "cheap"}]})


def test_an_action_without_a_declared_result_promises_none() -> None:
    """Its result may have any form."""
    assert UNTYPED["run"].tool.output_schema is None


@pytest.mark.parametrize(
    ("name", "read_only", "destructive"),
    [("crowded", True, None), ("move", False, None), ("search", False, True)],
    ids=["READ", "MODIFY", "ADMIN"],
)
def test_permissions_are_hints(name: str, read_only: bool, destructive: bool | None) -> None:
    """READ only reads, and ADMIN destroys; MODIFY may do either, which is MCP's default."""
    hints = TYPED[name].tool.annotations
    assert hints is not None
    assert (hints.read_only_hint, hints.destructive_hint) == (read_only, destructive)
    assert TYPED[name].needs_approval is not read_only


def test_a_required_time_range_is_required() -> None:
    """The end is optional: it is now."""
    assert TYPED["search"].tool.input_schema["required"] == ["query", "start"]
    assert list(properties(TYPED["search"])) == ["query", "start", "end"]
    assert str(properties(TYPED["search"])["start"]["description"]).endswith("-6h or -7d.")


def test_the_default_of_a_time_range_is_described() -> None:
    """A model that wants the default leaves both arguments out."""
    start = str(properties(ALL["sales"])["start"]["description"])
    assert start.endswith("-6h or -7d. Default: last 30 minutes.")
    start = str(properties(UNTYPED["run"])["start"]["description"])
    assert start.endswith("Without it, the action chooses the time range.")


def test_an_action_keeps_its_own_arguments() -> None:
    """The time range has other names where the action has these itself, or no names at all."""
    assert TYPED["move"].range_names == ("time_range_start", "time_range_end")
    assert properties(TYPED["move"])["start"] == {"type": "integer"}
    assert TYPED["crowded"].range_names is None
    assert ALL["list_items"].range_names is None


def test_arguments_are_divided() -> None:
    """The arguments of the time range are no parameters of the action."""
    found = execution_of(
        UNTYPED["run"],
        {"x": 1, "start": "2026-04-08T12:00:00Z", "end": "2026-04-08T13:00:00+00:00"},
    )
    assert found.params == {"x": 1}
    assert found.time_range == TimeRange(
        1775649600000,
        1775653200000,
        "UTC",
        "2026-04-08T12:00:00Z to 2026-04-08T13:00:00+00:00",
    )


def test_an_open_end_is_now() -> None:
    """A relative start counts from the same moment."""
    time_range = execution_of(UNTYPED["run"], {"start": "-30m"}).time_range
    assert time_range is not None
    assert time_range.end_epoch_ms - time_range.start_epoch_ms == 30 * 60_000
    assert time_range.original_expression == "-30m to now"


@pytest.mark.parametrize("start", ["2026-04-08T11", "20260408T1100", "2026-04-08T13:00+02:00"])
def test_times_are_written_as_for_call(start: str) -> None:
    """In every form that `--from` takes; without an offset, in UTC."""
    time_range = execution_of(UNTYPED["run"], {"start": start}).time_range
    assert time_range is not None
    assert time_range.start_epoch_ms == 1_775_646_000_000


@pytest.mark.parametrize("arguments", [{}, {"start": None, "end": ""}, {"start": " "}], ids=str)
def test_no_start_is_no_time_range(arguments: Mapping[str, object]) -> None:
    """Models also write null or an empty text for what they leave out."""
    assert execution_of(UNTYPED["run"], arguments).time_range is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"end": "now"}, "end needs start beside it"),
        ({"start": "now", "end": "-1h"}, "start must be before end"),
        ({"start": ["now"]}, r"start: expected a text, got \['now'\]"),
        ({"start": True}, "start: expected a text, got True"),
        ({"start": "-1h", "end": "later"}, 'end: expected a time such as .*, got "later"'),
        ({"start": "x" * 1000}, 'got "x{79}…"'),
    ],
    ids=["only an end", "backwards", "a list", "a boolean", "no time", "long"],
)
def test_invalid_time_ranges_are_refused(arguments: Mapping[str, object], text: str) -> None:
    """The sentence names the argument, and what was expected."""
    with pytest.raises(ToolArgumentError, match=text):
        execution_of(UNTYPED["run"], arguments)


def test_other_names_are_named_in_errors() -> None:
    """The sentence names the arguments as the tool does."""
    with pytest.raises(ToolArgumentError, match="time_range_start must be before time_range_end"):
        execution_of(
            TYPED["move"], {"start": 3, "time_range_start": "now", "time_range_end": "-1h"}
        )


@pytest.mark.parametrize("value", [math.inf, -math.inf, [{"n": math.inf}]])
def test_a_number_that_no_agent_can_be_sent_is_refused(value: object) -> None:
    """JSON such as 1e400 is read as infinity, which JSON does not have."""
    with pytest.raises(ToolArgumentError, match=r"^limit contains too large a number$"):
        execution_of(UNTYPED["run"], {"limit": value})
