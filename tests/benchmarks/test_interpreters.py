"""The interpreters that the systems run with, and the modules that are hidden from them."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import interpreters
from benchmarks.errors import MeasurementError
from benchmarks.interpreters import Interpreters
from benchmarks.systems import COMPILED, OURS

REPOSITORY = Path(__file__).parents[2]


def test_the_pure_build_runs_with_this_interpreter() -> None:
    """Nothing has to be made for it."""
    assert Interpreters(may_build=False).find(OURS) == Path(sys.executable)


def test_a_system_without_its_modules_is_left_out() -> None:
    """The reason names the modules that are missing, and no other."""
    system = replace(OURS, needed=("json", "no_such_module", "nor_this"))
    with pytest.raises(MeasurementError, match=r"^no_such_module and nor_this is not installed$"):
        Interpreters().find(system)


def test_a_quick_run_makes_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What has not been made yet is left out, which is found out once."""
    monkeypatch.setattr(interpreters, "_FOLDER", tmp_path / ".bench")
    found = Interpreters(may_build=False)
    for _ in range(2):
        with pytest.raises(MeasurementError, match="a quick run does not build it"):
            found.find(COMPILED)
    assert not (tmp_path / ".bench").exists()


def test_a_system_that_cannot_be_built_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without uv nothing can be made, and the reason says so."""
    monkeypatch.setattr(interpreters, "_FOLDER", tmp_path / ".bench")
    monkeypatch.setattr("shutil.which", lambda command, path=None: None)
    with pytest.raises(MeasurementError, match=r"^uv is not installed$"):
        Interpreters().find(COMPILED)


@pytest.mark.parametrize(("hidden", "expected"), [("uvloop nothing", "hidden"), ("", "there")])
def test_extras_are_hidden_from_the_agents(hidden: str, expected: str) -> None:
    """An agent that is measured without an extra runs as if its modules were not installed."""
    program = (
        "import benchmarks.agents, importlib.util\n"
        "print('there' if importlib.util.find_spec('uvloop') else 'hidden')\n"
    )
    pytest.importorskip("uvloop", reason="uvloop does not run on this system")
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | {"BENCHMARK_HIDDEN": hidden},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.strip() == expected
