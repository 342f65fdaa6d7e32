"""The pytest plugin that writes which lines each test runs, and how long it takes."""

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator

import pytest

from scripts.mutants import executed_lines

type Lines = dict[str, set[int]]


class Recorder:
    """Writes one record for each test; what a shared fixture ran counts for all who use it."""

    def __init__(self, folder: str, root: str) -> None:
        self._lines: Lines = defaultdict(set)
        self._shared: dict[str, Lines] = {}
        self._failed = False
        name = f"tests-{os.getpid()}.jsonl"
        self._file = open(os.path.join(folder, name), "a", encoding="utf-8")  # noqa: SIM115 - until the end
        executed_lines.record(root, lambda path, line: self._lines[path].add(line))

    def pytest_collection_finish(self) -> None:
        """Write what ran before any test: what runs when modules are imported."""
        self._write("", 0.0, passed=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        """Write what the test runs."""
        self._lines.clear()
        self._failed = False
        executed_lines.again()
        start = time.perf_counter()
        done = yield
        seconds = time.perf_counter() - start
        for name in getattr(item, "fixturenames", ()):
            _add(self._lines, self._shared.get(name, {}))
        self._write(item.nodeid, seconds, passed=not self._failed)
        return done

    def _write(self, test: str, seconds: float, *, passed: bool) -> None:
        lines = {path: sorted(numbers) for path, numbers in self._lines.items()}
        record = {"test": test, "seconds": round(seconds, 4), "passed": passed, "lines": lines}
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a failure: such a test says nothing about mutants."""
        self._failed |= report.failed

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Keep what a fixture of several tests runs, which only the first of them sees."""
        if fixturedef.scope == "function":
            return (yield)
        before = {path: set(lines) for path, lines in self._lines.items()}
        self._lines.clear()
        executed_lines.again()
        try:
            return (yield)
        finally:
            _add(self._shared.setdefault(fixturedef.argname, defaultdict(set)), self._lines)
            _add(self._lines, before)


def _add(lines: Lines, more: Lines) -> None:
    for path, numbers in more.items():
        lines[path] |= numbers


def pytest_configure(config: pytest.Config) -> None:
    """Record in the processes that run tests, which are pytest-xdist's workers if it is used."""
    if getattr(config.option, "numprocesses", None) is None or hasattr(config, "workerinput"):
        folder, root = (os.environ[name] for name in (executed_lines.FOLDER, executed_lines.ROOT))
        config.pluginmanager.register(Recorder(folder, root))
