"""docs/checks.md: its codes, its output and its table are those of the command."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from mirastack_sdk._cli.advice.finding import KINDS
from mirastack_sdk._cli.app import run
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.go_template.template_syntax import template_error
from mirastack_sdk.plugin import PromptTemplate
from tests.documentation.documentation import REPOSITORY

PAGE = (REPOSITORY / "docs" / "checks.md").read_text(encoding="utf-8")
AGENT = "examples/minimal_agent.py"


def block(language: str) -> str:
    """The only block of a language on the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    text: str = found
    return text


def test_the_table_has_all_codes() -> None:
    """Codes, severities and texts are those of the code, in its order."""
    rows = re.findall(r"^\| `(MA\d+)` \| (\w+) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    expected = [(code, kind.severity.value, kind.about, kind.fix) for code, kind in KINDS.items()]
    assert rows == expected


def test_the_output_is_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The printed session is what the command prints about the agent."""
    monkeypatch.chdir(REPOSITORY)
    session = block("console")
    command, _, output = session.partition("\n")
    assert command == f"$ mirastack-agent check {AGENT}"
    assert run(["check", AGENT]) == ExitStatus.SUCCESS
    assert capsys.readouterr().out == output


def test_the_json_is_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The printed JSON is what the command prints with the printed table."""
    monkeypatch.chdir(REPOSITORY)
    codes = ",".join(tomllib.loads(block("toml"))["tool"]["mirastack-agent"]["ignore"])
    assert run(["check", AGENT, "--json", "--ignore", codes]) == ExitStatus.SUCCESS
    assert json.loads(capsys.readouterr().out) == json.loads(block("json"))


def test_the_table_of_pyproject_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command takes the printed table as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(block("toml"), encoding="utf-8")
    source = (REPOSITORY / AGENT).read_text(encoding="utf-8")
    (tmp_path / "agent_of_the_page.py").write_text(source, encoding="utf-8")
    assert run(["check", "agent_of_the_page.py"]) == ExitStatus.SUCCESS
    assert capsys.readouterr().out.endswith("1 piece of advice (2 ignored).\n")


def test_the_template_is_one(tmp_path: Path) -> None:
    """The printed template is loaded with its description, and is valid."""
    (tmp_path / "query_metrics_guide.tmpl").write_text(block("text"), encoding="utf-8")
    (template,) = PromptTemplate.load(tmp_path)
    assert template.description == "For the step that explains the result of query_metrics."
    assert template_error(template.name, template.content) is None


def test_the_statuses_are_the_commands() -> None:
    """The table of statuses has those that the command uses."""
    used = (ExitStatus.SUCCESS, ExitStatus.FAILURE, ExitStatus.USAGE, ExitStatus.NO_AGENT)
    assert re.findall(r"^\| (\d) \| ", PAGE, re.MULTILINE) == [str(status.value) for status in used]
