"""docs/inspector.md describes the API and the options as they are."""

import re
from pathlib import Path

import click

from mirastack_sdk._cli.commands.dev_command import command
from tests.cli.inspector.stage import inspected

PAGE = (Path(__file__).parents[3] / "docs" / "inspector.md").read_text(encoding="utf-8")
SOURCE = Path(__file__).parents[3] / "src" / "mirastack_sdk" / "_cli" / "inspector"


def members(section: str) -> set[str]:
    """The names in the first column of the table of a section."""
    text = PAGE.partition(f"\n### {section}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_route_is_listed() -> None:
    """The table has every route of the API, with its method, and no others."""
    source = (SOURCE / "web" / "inspector_app.py").read_text(encoding="utf-8")
    routes = re.findall(
        r'Route\(\s*"(/api/[^"]*)",\s*[\w.]+(?:,\s*methods=\["(\w+)"\])?,?\s*\)', source
    )
    plain = [(method or "GET", re.sub(r":\w+}", "}", path)) for path, method in routes]
    served = {f"{method} {path}" for method, path in plain}
    assert len(routes) == source.count('Route("/api') == 12
    assert set(re.findall(r"^\| `(\w+ /api/\S+)`", PAGE, re.MULTILINE)) == served


def test_every_option_is_listed() -> None:
    """The table has every option of the command, and no others."""
    options = {param.opts[0] for param in command.params if isinstance(param, click.Option)}
    section = PAGE.partition("\n## Options\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(--[\w-]+)", section, re.MULTILINE)) == options - {"--no-color"}


async def test_every_member_of_the_state_is_listed() -> None:
    """The tables have every member of the state and of an execution."""
    async with inspected() as stage:
        done = await stage.run("cache")
        state = await stage.get("/api/state")
    assert members("The state") == set(state)
    sent = {"action", "params", "time_range", "encoding", "mode", "timeout_s"}
    listed = members("Executions")
    assert listed == set(done) - sent
