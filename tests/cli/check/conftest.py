"""The command `check`, run in the process of the tests."""

import sys
from pathlib import Path

import pytest

from mirastack_sdk._cli.app import run
from tests.cli.check.checking import Check, Done


@pytest.fixture
def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run the command in this process, in the folder of the test."""

    def run_check(*arguments: str) -> Done:
        known = dict(sys.modules)
        status = run(["check", *arguments])
        # The next check imports the agent anew.
        for name in set(sys.modules) - set(known):
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]
        printed = capsys.readouterr()
        return Done(status=status, stdout=printed.out, stderr=printed.err)

    return run_check
