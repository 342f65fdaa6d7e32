"""The files of deploy/, and promtool, which checks them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
RULES = REPOSITORY / "deploy" / "prometheus" / "mirastack-agent.rules.yml"
RULE_TESTS = Path(__file__).parent / "alerts.test.yml"
DASHBOARD = REPOSITORY / "deploy" / "grafana" / "mirastack-agent.json"

_TIMEOUT = 60.0

type Panel = dict[str, object]


def promtool(*arguments: str | Path, folder: Path | None = None) -> str:
    """Run promtool and return its output; without it, the test is skipped."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("no promtool: apt-get install prometheus")
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts() -> dict[str, str]:
    """The text of each alert's rule, by name."""
    _, *rules = RULES.read_text(encoding="utf-8").split("- alert: ")
    return {rule.partition("\n")[0]: rule for rule in rules}


def dashboard() -> dict[str, object]:
    """The dashboard, as Grafana imports it."""
    read: dict[str, object] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return read


def panels() -> list[Panel]:
    """The panels that show data."""
    found = dashboard()["panels"]
    assert isinstance(found, list)
    return [panel for panel in found if panel["type"] != "row"]


def queries() -> list[tuple[str, str]]:
    """Each query with the title of its panel."""
    return [
        (str(panel["title"]), str(target["expr"]))
        for panel in panels()
        for target in _list(panel["targets"])
    ]


def names_in(text: str) -> set[str]:
    """The names of metrics that a query or a rule reads."""
    # Prometheus makes `up` itself.
    read = set(re.findall(r"\b(?:mirastack|rpc|process|python)_\w+", text))
    return read - {"rpc_method", "rpc_response_status_code"}


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value
