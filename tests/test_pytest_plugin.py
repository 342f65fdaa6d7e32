"""The pytest plugin runs async tests that would otherwise be refused, and no others."""

import subprocess
import sys
from pathlib import Path

UNTAKEN = """
import asyncio
import pytest

@pytest.fixture
def number():
    return 7

async def test_a_bare_coroutine_runs(number, unrelated=3):
    await asyncio.sleep(0)
    assert (number, unrelated) == (7, 3)

class TestMethods:
    async def test_a_method_runs(self, tmp_path):
        assert tmp_path.exists()

async def test_a_failure_fails():
    await asyncio.sleep(0)
    raise AssertionError("the test's own failure")

def test_a_plain_function_runs():
    pass
"""

TAKEN = """
import asyncio
import pytest
import pytest_asyncio

taken_in = []

@pytest_asyncio.fixture(autouse=True)
async def running_loop():
    taken_in.append(asyncio.get_running_loop())

@pytest.mark.asyncio
async def test_pytest_asyncio_runs_what_it_has_taken():
    assert taken_in == [asyncio.get_running_loop()]
"""


def run_pytest(folder: Path, *options: str) -> str:
    """Run pytest in an author's folder, without configuration."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def test_other_async_tests_run(tmp_path: Path) -> None:
    """Functions and methods run with their fixtures, and failures are reported."""
    (tmp_path / "test_untaken.py").write_text(UNTAKEN, encoding="utf-8")
    output = run_pytest(tmp_path)
    assert "1 failed, 3 passed" in output
    assert "the test's own failure" in output


def test_without_the_plugin_they_are_refused(tmp_path: Path) -> None:
    """Pytest alone runs no async test."""
    (tmp_path / "test_untaken.py").write_text(UNTAKEN, encoding="utf-8")
    output = run_pytest(tmp_path, "-p", "no:mirastack_sdk")
    assert "3 failed, 1 passed" in output


def test_tests_of_pytest_asyncio_are_left_alone(tmp_path: Path) -> None:
    """A marked test runs on pytest-asyncio's loop, with its async fixtures."""
    (tmp_path / "test_taken.py").write_text(TAKEN, encoding="utf-8")
    assert "1 passed" in run_pytest(tmp_path)
