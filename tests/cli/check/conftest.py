"""The command `check`, run in the process of the tests."""

import sys
from pathlib import Path

import pytest

from tests.cli.check.checking import Check
from tests.cli.processes import Done, run_here


@pytest.fixture
def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run the command in this process, in the folder of the test."""

    def run_check(*arguments: str) -> Done:
        known = dict(sys.modules)
        done = run_here("check", *arguments, capture=capsys)
        # The next check imports the agent anew.
        for name in set(sys.modules) - set(known):
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]
        return done

    return run_check
