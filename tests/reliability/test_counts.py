"""Counts the cases of the matrix against what the documentation says of them."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
_BLOCK = re.compile(r"\| `(\w+)` \| ([\d,]+) \|")
_CASE = re.compile(r"tests/reliability/(\w+)/\S+::")

# What was promised before any of it was written.
_PROMISED: Mapping[str, int] = {
    "bad_inputs": 115,
    "floods": 20,
    "bad_engines": 45,
    "faults": 16,
    "drains": 8,
    "author": 20,
    "tls": 20,
    "soak": 1,
}


def _documented() -> dict[str, int]:
    page = (_REPOSITORY / "docs" / "reliability.md").read_text(encoding="utf-8")
    return {name: int(count.replace(",", "")) for name, count in _BLOCK.findall(page)}


def _counted() -> Counter[str]:
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/reliability"],
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return Counter(_CASE.findall(collected.stdout))


def test_there_are_as_many_cases_as_documented() -> None:
    """Every block has the cases that its row claims, and no block is missing from the table."""
    documented, counted = _documented(), _counted()
    assert documented.keys() == counted.keys()
    assert {name: counted[name] for name in documented if counted[name] < documented[name]} == {}


def test_the_documentation_claims_what_was_promised() -> None:
    """No row falls below the matrix that the project set out with."""
    documented = _documented()
    assert {name: n for name, n in _PROMISED.items() if documented.get(name, 0) < n} == {}
