"""Which tests run which lines: recorded in one run of the suite, kept, and brought up to date.

A test is run again if its file, one beside it that it may import, or a source that it ran has
changed. The lines of a test in a file are the bits of a number.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from scripts.mutants import executed_lines
from scripts.mutants.workspace import Workspace, copy_repository

_HERE = Path(__file__).parent
_SITE = "import executed_lines\n\nexecuted_lines.record_process()\n"


# The name under which the lines are kept that run before any test.
AT_IMPORT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTest:
    """A test as it ran without mutants."""

    name: str
    seconds: float
    passed: bool
    lines: Mapping[str, int]

    @property
    def file(self) -> str:
        """The file of the test, relative to the repository."""
        return self.name.partition("::")[0]

    def runs(self, path: str, lines: int) -> bool:
        """Tell whether the test runs one of these lines."""
        return bool(self.lines.get(path, 0) & lines)


@dataclass(slots=True, kw_only=True)
class LineMap:
    """The recorded tests, and the digests of the files that they were recorded from."""

    digests: dict[str, str] = field(default_factory=dict)
    tests: dict[str, RecordedTest] = field(default_factory=dict)


def load(path: Path) -> LineMap:
    """Read a line map; there may be none yet."""
    found = LineMap()
    if not path.exists():
        return found
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found.digests.update(json.loads(file.readline()))
        for line in file:
            name, seconds, passed, lines = json.loads(line)
            numbers = {source: int(bits, 16) for source, bits in lines.items()}
            found.tests[name] = RecordedTest(
                name=name, seconds=seconds, passed=passed, lines=numbers
            )
    return found


def save(line_map: LineMap, path: Path) -> None:
    """Write a line map; one that is interrupted leaves the old one."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".new")
    with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=3) as file:
        file.write(json.dumps(line_map.digests) + "\n")
        for test in line_map.tests.values():
            lines = {source: f"{bits:x}" for source, bits in test.lines.items()}
            file.write(json.dumps([test.name, test.seconds, test.passed, lines]) + "\n")
    unfinished.replace(path)


def refresh(path: Path, jobs: int) -> LineMap:
    """The line map of the working tree; runs the tests whose lines are not known, and keeps it."""
    line_map = load(path)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workspace = copy_repository(Path(folder))
        digests = _digests(workspace.root)
        files = _files_to_run(line_map, digests)
        if files:
            print(f"recording which lines {len(files)} files of tests run", flush=True)
            recorded = _record(workspace, files, jobs)
            if not recorded:
                sys.exit("no test could be run without a mutant; see the lines above")
            if AT_IMPORT in line_map.tests and AT_IMPORT in recorded:
                recorded[AT_IMPORT] = _joined(recorded[AT_IMPORT], line_map.tests[AT_IMPORT])
            kept = {
                name: test
                for name, test in line_map.tests.items()
                if test.file in digests and test.file not in files
            }
            line_map = LineMap(digests=digests, tests=kept | recorded)
            save(line_map, path)
    return line_map


def _digests(root: Path) -> dict[str, str]:
    """The digests of the sources and of everything that tests read."""
    folders = (*executed_lines.SOURCES, "tests")
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
    }


def _files_to_run(line_map: LineMap, digests: Mapping[str, str]) -> set[str]:
    changed = {name for name in digests if line_map.digests.get(name) != digests[name]}
    changed |= line_map.digests.keys() - digests.keys()
    files = {name for name in digests if _is_test_file(name)}
    helpers = {name for name in changed if name.startswith("tests/") and not _is_test_file(name)}
    beside = {str(PurePosixPath(name).parent) + "/" for name in helpers}
    to_run = files & changed
    to_run |= {name for name in files if any(name.startswith(folder) for folder in beside)}
    to_run |= {test.file for test in line_map.tests.values() if changed & test.lines.keys()}
    return to_run & files


def _is_test_file(name: str) -> bool:
    return name.startswith("tests/") and PurePosixPath(name).name.startswith("test_")


def _record(workspace: Workspace, files: Iterable[str], jobs: int) -> dict[str, RecordedTest]:
    site, records = workspace.root.parent / "site", workspace.root.parent / "records"
    site.mkdir()
    records.mkdir()
    (site / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
    shutil.copy(_HERE / "executed_lines.py", site)
    environ = workspace.environ()
    environ["PYTHONPATH"] = os.pathsep.join([str(site), environ["PYTHONPATH"]])
    environ.pop(executed_lines.TEST, None)
    environ[executed_lines.FOLDER] = str(records)
    environ[executed_lines.ROOT] = str(workspace.root)
    parallel = ["-n", str(jobs), "--dist", "worksteal"] if jobs > 1 else ["-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "scripts.mutants.recorder"]
    subprocess.run(  # noqa: S603 - our own arguments
        [*command, *parallel, "-p", "no:cacheprovider", *sorted(files)],
        cwd=workspace.root,
        env=environ,
        check=False,  # tests that fail are left out
    )
    found: dict[str, RecordedTest] = {}
    for test in _read_records(records):
        known = found.get(test.name)  # each process imports, and each runs other tests
        found[test.name] = _joined(known, test) if known else test
    return found


def _joined(one: RecordedTest, other: RecordedTest) -> RecordedTest:
    paths = one.lines.keys() | other.lines.keys()
    lines = {path: one.lines.get(path, 0) | other.lines.get(path, 0) for path in paths}
    return replace(one, lines=lines)


def _read_records(records: Path) -> Iterator[RecordedTest]:
    processes = _lines_of_processes(records)
    for path in records.glob("tests-*"):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            lines: dict[str, set[int]] = defaultdict(set)
            for source, numbers in record["lines"].items():
                lines[source].update(numbers)
            for source, numbers in processes.get(record["test"], {}).items():
                lines[source] |= numbers
            yield RecordedTest(
                name=record["test"],
                seconds=record["seconds"],
                passed=record["passed"],
                lines={source: bits(numbers) for source, numbers in lines.items()},
            )


def _lines_of_processes(records: Path) -> dict[str, dict[str, set[int]]]:
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in records.glob("process-*"):
        test, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines:
            source, _, number = line.rpartition(":")
            if number.isdecimal():
                found[test][source].add(int(number))
    return found


def bits(lines: Iterable[int]) -> int:
    """The number whose bits are these lines."""
    number = 0
    for line in lines:
        number |= 1 << line
    return number
