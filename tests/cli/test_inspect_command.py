"""`mirastack-agent inspect`: the card of an agent, from its code and over the wire."""

import io
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console
from rich.theme import Theme

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.console import STYLES
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.inspection.agent_card import card_at
from mirastack_sdk._cli.inspection.card_view import show_card
from mirastack_sdk._cli.loading.target_text import parse_address
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.sessions import serving
from mirastack_sdk.testing import Encoding, LocalEngine
from tests.cli import programs
from tests.cli.processes import Done, run, run_here

type Inspect = Callable[..., Done]

DECLARED = """
from mirastack_sdk.plugin import (
    Action, ConfigParam, ExecuteRequest, ExecuteResponse, IntentPattern, MirastackPlugin,
    ParamSchema, Permission, PluginInfo, PluginSchema, PromptTemplate, RoutingSemantics,
)

SEARCH = Action(
    "search",
    "Search the logs. Use this when errors are looked for.",
    {
        "query": ParamSchema("string", description="The text to look for"),
        "level": ParamSchema("string", False, "The severity", "error", ["error", "warning"]),
        "limit": ParamSchema("integer", False, "The most lines", "10"),
    },
    output_params={"lines": ParamSchema("array", description="The lines")},
    intents=["find errors in *"],
    routing_semantics=RoutingSemantics(
        ["core.observe.logs"], "core.observe.logs.search", ["find errors"], ["count errors"],
        backend_domains=["logs.victorialogs"],
    ),
)
DELETE = Action("delete", "Delete logs.", {}, permission=Permission.ADMIN, stages=["operate"])


class Logs(MirastackPlugin):
    def info(self) -> PluginInfo:
        return PluginInfo(
            "logs", "2.0.0", "Reads logs", Permission.READ, ["observe"],
            [IntentPattern("errors of *", "search", priority=8)],
            [PromptTemplate("summary", "Summarise {{.lines}}", description="For reports")],
            config_params=[ConfigParam("token", "The token", required=True, secret=True)],
        )

    def schema(self) -> PluginSchema:
        return PluginSchema([SEARCH, DELETE])

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()
"""


@pytest.fixture
def inspect(folder: Path, capsys: pytest.CaptureFixture[str]) -> Inspect:
    """Inspects, in this process; the current folder has agents."""
    (folder / "logs_agent.py").write_text(DECLARED, encoding="utf-8")
    (folder / "kinds.py").write_text(programs.MANY_KINDS, encoding="utf-8")
    (folder / "published.py").write_text(programs.PUBLISHED, encoding="utf-8")
    return partial(run_here, "inspect", capture=capsys)


AGENT = {
    "source": "logs_agent.py",
    "name": "logs",
    "version": "2.0.0",
    "description": "Reads logs",
    "permission": "READ",
    "stages": ["observe"],
    "metadata": {},
    "config_params": [
        {
            "key": "token",
            "description": "The token",
            "type": "string",
            "required": True,
            "default": "",
            "secret": True,
        }
    ],
    "prompt_templates": [
        {"name": "summary", "description": "For reports", "content": "Summarise {{.lines}}"}
    ],
    "intents": [{"pattern": "errors of *", "priority": 8, "description": "", "action": "search"}],
}


def test_the_card_has_everything_that_is_declared(inspect: Inspect) -> None:
    """The document of `--json`, as the engine would receive it."""
    card = json.loads(inspect("logs_agent.py", "--json").output)
    search, delete = card.pop("actions")
    tool, _ = card.pop("model_view")
    assert card == AGENT
    assert tool == {
        "name": "search",
        "description": "Search the logs. Use this when errors are looked for.",
        "parameters": search["input_schema"],
    }
    assert search["input_schema"]["required"] == ["query"]
    assert search["input_schema"]["properties"]["limit"] == {
        "type": "integer",
        "description": "The most lines",
        "default": 10,
    }
    patterns = [intent["pattern"] for intent in search["intents"]]
    assert patterns == ["find errors in *", "errors of *"]
    assert (search["permission"], search["stages"]) == ("READ", ["observe"])
    assert (delete["permission"], delete["stages"]) == ("ADMIN", ["operate"])
    assert (search["routing_is_derived"], delete["routing_is_derived"]) == (False, True)
    assert delete["routing"]["capability_domain"] == "core.operate.logs.delete"


def test_typed_actions_tell_more(inspect: Inspect) -> None:
    """Their use of the time range, and the schema of the result."""
    card = json.loads(inspect("kinds.py", "--json").output)
    actions = {action["name"]: action for action in card["actions"]}
    assert actions["shows"]["time_range"] == "optional"
    assert actions["rows"]["time_range"] == "never"
    assert actions["rows"]["result_schema"]["type"] == "array"


def test_people_see_the_same(inspect: Inspect) -> None:
    """Every fact of the card is somewhere on the page."""
    done = inspect("logs_agent.py")
    words = " ".join(done.output.split())
    assert done.status == 0
    for fact in (
        "logs 2.0.0 READ observe",
        "Reads logs",
        "query string yes The text to look for",
        "level error | warning no error The severity",
        "lines: array. The lines",
        "find errors in * (5) errors of * (8)",
        "core.observe.logs.search (declared)",
        "not for: count errors",
        "backend domains: logs.victorialogs",
        "delete ADMIN operate",
        "core.operate.logs.delete (derived)",
        "token string, secret yes The token",
        "summary 20 For reports",
        '"name": "search"',
    ):
        assert fact in words
    assert max(map(len, done.output.splitlines())) <= 80


def test_one_action_alone(inspect: Inspect) -> None:
    """The others are left out."""
    done = inspect("logs_agent.py", "delete")
    assert "Delete logs." in done.output
    assert "search" not in done.output
    missing = inspect("logs_agent.py", "delte")
    assert missing.status == ExitStatus.WRONG_PARAMETERS
    assert missing.errors == (
        "mirastack-agent: logs has no action delte; its actions are search, delete\n"
    )


@pytest.fixture
async def address(inspect: Inspect) -> AsyncIterator[str]:
    """The address of an agent that runs."""
    async with LocalEngine() as engine:
        plugin = load_target("logs_agent.py").plugin
        async with serving(plugin, engine) as agent:
            yield agent.address


@pytest.mark.parametrize("encoding", Encoding)
async def test_the_wire_tells_the_same(address: str, inspect: Inspect, encoding: Encoding) -> None:
    """Of an agent that runs, all is known but what only its code tells."""
    parsed = parse_address(address)
    assert parsed is not None
    over_the_wire = await card_at(parsed, encoding)
    from_code = json.loads(inspect("logs_agent.py", "--json").output)
    for card in (over_the_wire, from_code):
        card.pop("source")
        actions = card["actions"]
        assert isinstance(actions, list)
        for action in actions:
            for key in ("time_range", "default_range", "result_schema", "routing_is_derived"):
                action.pop(key)
    assert json.loads(json.dumps(over_the_wire)) == from_code


async def test_nobody_at_an_address_is_a_sentence() -> None:
    """With the status for it."""
    address = parse_address("127.0.0.1:1")
    assert address is not None
    with pytest.raises(CommandError, match="Info: ") as raised:
        await card_at(address, Encoding.JSON)
    assert raised.value.status == ExitStatus.NO_RESPONSE


def test_no_text_of_an_agent_moves_the_cursor(inspect: Inspect) -> None:
    """Anybody may serve an agent at an ADDRESS."""
    shown = io.StringIO()
    console = Console(file=shown, theme=Theme(dict(STYLES)), width=200)
    show_card(console, hostile(json.loads(inspect("logs_agent.py", "--json").output)))
    for name in ("logs", "search", "summary", "query", "READ", "observe"):
        assert rf"{name}\x1b[2J[red]" in shown.getvalue()
    assert not set(shown.getvalue()) & {"\x1b", "\x9b"}


def hostile(value: object) -> dict[str, object]:
    """A card whose every text would clear the screen and print in red."""

    def changed(part: object) -> object:
        match part:
            case str():
                return f"{part}\x1b[2J[red]\x9b"
            case dict():
                return {name: changed(item) for name, item in part.items()}
            case list():
                return [changed(item) for item in part]
            case _:
                return part

    result = changed(value)
    assert isinstance(result, dict)
    return result


def test_an_agent_that_engines_would_refuse_is_a_sentence(inspect: Inspect, folder: Path) -> None:
    """With every reason."""
    invalid = programs.PLUGIN.replace('"Says hello"', '""').replace('"hello"', '"Hello"')
    (folder / "invalid.py").write_text(invalid, encoding="utf-8")
    done = inspect("invalid.py")
    assert done.status == ExitStatus.NO_AGENT
    assert done.errors.startswith("mirastack-agent: engines would refuse this agent: ")
    assert "; " in done.errors
    assert done.errors.count("\n") == 1


def test_a_process_inspects_a_published_agent(inspect: Inspect, folder: Path) -> None:
    """It is adapted, and its output goes to standard error."""
    with (folder / "published.py").open("a", encoding="utf-8") as file:
        file.write("\nprint('loaded')\n")
    done = run("inspect", "published.py", "--json", folder=folder)
    assert (done.status, done.errors) == (0, "loaded\n")
    assert json.loads(done.output)["name"] == "published_agent"
