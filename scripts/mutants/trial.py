"""One trial: tests run on a copy of the repository in a process of their own.

They stop at the first failure. The parent has imported pytest and what tests import, but none of
the sources; its fork imports those of the copy. It tells through a pipe which test begins, so that
one which takes far longer than without the mutant is killed, together with all that it has started.
"""

import contextlib
import importlib
import json
import os
import resource
import select
import shutil
import signal
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest
from hypothesis import Phase, settings

from scripts.mutants.workspace import Workspace, use_copy

# A loaded machine makes a test slower; a mutant that hangs makes it endless.
_SLOWER = 10
_COLLECTION = 6
_MEMORY_BYTES = 6 << 30
_FILE_BYTES = 1 << 30
_IMPORTED = (
    "_pytest.assertion.rewrite",
    "cryptography.x509",
    "google.protobuf.descriptor_pb2",
    "grpclib.client",
    "h2.connection",
    "hpack",
    "hypothesis.strategies",
    "pydantic",
    "pytest_asyncio",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What noticed a mutant: a test or, if no test could begin, a file that could not be read."""

    test: str
    how: str


def import_for_tests() -> None:
    """Import once what the tests of every trial import."""
    for name in _IMPORTED:
        importlib.import_module(name)


def run_tests(workspace: Workspace, tests: Mapping[str, float], grace: float) -> Failure | None:
    """The first failure among these tests, given with their usual seconds, or None if all pass.

    `grace` is how many seconds more than these, on a loaded machine, a test may take.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _run_and_exit(workspace, tests, writer)
    os.close(writer)
    try:
        return _watch(reader, tests, grace)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        shutil.rmtree(workspace.temporary, ignore_errors=True)
        workspace.temporary.mkdir(exist_ok=True)


def _watch(reader: int, seconds: Mapping[str, float], grace: float) -> Failure | None:
    current, received = "", b""
    limit = time.monotonic() + _COLLECTION * grace
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, limit - time.monotonic()))
        if not ready:
            return Failure(test=current or "the collection", how="hangs")
        received += os.read(reader, 1 << 16) or b'["died", ""]\n'
        *lines, received = received.split(b"\n")
        for event, name in map(json.loads, lines):
            if event == "passed":
                return None
            if event in ("fails", "died"):
                return Failure(test=name or current or "the collection", how=event)
            current = name
            limit = time.monotonic() + grace + _SLOWER * seconds.get(name, 0.0)


def _run_and_exit(workspace: Workspace, tests: Mapping[str, float], writer: int) -> None:
    """Run the tests in the forked process, which never returns."""
    status = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(workspace.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
        use_copy(workspace)
        status = _run(tests, _Reporter(writer, set(tests)))
    except BaseException:  # noqa: BLE001 - whatever it is, it ends the trial
        traceback.print_exc()
    finally:
        if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            _tell(writer, "passed", "")
        else:
            _tell(writer, "died", "")
        os._exit(status)


def _run(tests: Mapping[str, float], reporter: "_Reporter") -> int:
    files = dict.fromkeys(name.partition("::")[0] for name in tests)
    options = [
        "-q",
        "--maxfail=1",
        "--hypothesis-seed=0",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    # What the parent has imported, pytest cannot rewrite; it warns, and warnings are errors.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*options, *files], plugins=[reporter]))


class _Reporter:
    """Selects the tests, and tells the parent what happens to them."""

    def __init__(self, writer: int, wanted: set[str]) -> None:
        self._writer = writer
        self._wanted = wanted

    def pytest_sessionstart(self) -> None:
        """Let hypothesis stop at the first example that fails, and not look for a shorter one."""
        settings.register_profile(
            "mutants",
            settings(),
            database=None,
            phases=[Phase.explicit, Phase.generate],
            report_multiple_bugs=False,
        )
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out tests that were not asked for."""
        others = [item for item in items if item.nodeid not in self._wanted]
        items[:] = [item for item in items if item.nodeid in self._wanted]
        config.hook.pytest_deselected(items=others)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell that a file cannot be imported."""
        if report.failed:
            _tell(self._writer, "fails", PurePosixPath(report.nodeid).as_posix())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins."""
        _tell(self._writer, "begins", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell that a test fails."""
        if report.failed:
            _tell(self._writer, "fails", report.nodeid)


def _tell(writer: int, event: str, name: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(writer, f"{json.dumps([event, name])}\n".encode())
