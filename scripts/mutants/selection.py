"""Which mutants are tried, and with which tests, in which order."""

import ast
import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from scripts.mutants.line_map import AT_IMPORT, RecordedTest, bits
from scripts.mutants.operators import MutableFile, Mutant

MUTATED = (
    "src/mirastack_sdk/_wire",
    "src/mirastack_sdk/_runtime",
    "src/mirastack_sdk/_core",
    "src/mirastack_sdk/_actions",
    "codegen",
)
_PACKAGE = "src/"
# What a test file costs besides its tests; tests slower than this come last, whatever they test.
_FILE_SECONDS = 0.3
_SLOW_SECONDS = 1.0
_BATCH_SECONDS = (4.0, 16.0, float("inf"))


def sources(root: Path, folders: Sequence[str]) -> dict[str, str]:
    """The texts of the files to mutate, each by its path below `root`."""
    paths = [path for folder in folders for path in _files(root / folder)]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def sample(texts: Mapping[str, str], seed: int, count: int, counts_file: Path) -> Iterator[Mutant]:
    """Up to `count` mutants, each as likely as any other, in the order of their files."""
    counts = _counts(texts, counts_file)
    numbers = [(path, number) for path, length in counts.items() for number in range(length)]
    random.Random(seed).shuffle(numbers)  # noqa: S311 - a sample, no secret
    mutants: dict[tuple[str, str, str], Mutant] = {}
    files: dict[str, MutableFile] = {}
    for path, number in numbers:
        if len(mutants) == count:
            break
        if path not in files:
            files[path] = MutableFile(path, texts[path])
        if mutant := files[path].mutant(number):
            mutants[mutant.key] = mutant
    return iter(sorted(mutants.values(), key=lambda mutant: (mutant.path, mutant.line)))


def _counts(texts: Mapping[str, str], counts_file: Path) -> dict[str, int]:
    """How many changes each file has; finding them takes long, so the numbers are kept."""
    known = json.loads(counts_file.read_text()) if counts_file.exists() else {}
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    for path, digest in digests.items():
        if digest not in known:
            known[digest] = len(MutableFile(path, texts[path]))
    counts_file.parent.mkdir(exist_ok=True)
    counts_file.write_text(json.dumps(known))
    return {path: known[digest] for path, digest in digests.items()}


class Selection:
    """The tests for each mutant."""

    def __init__(self, texts: Mapping[str, str], tests: Sequence[RecordedTest]) -> None:
        """`texts` are all sources, also those that are not mutated."""
        self._trees = {path: ast.parse(text) for path, text in texts.items()}
        self._importers = _importers(self._trees)
        self._tests = [test for test in tests if test.passed and test.name != AT_IMPORT]
        self._at_import = [test for test in tests if test.name == AT_IMPORT]

    def tests_for(self, path: str, line: int) -> list[RecordedTest]:
        """The tests that run a line.

        A line that runs when its module is imported, or whose result is kept after its first run,
        was run by one test but matters to all who use the module; if nobody calls into it, to
        those who use what imports it.
        """
        statement, is_in_function = _around(self._trees[path], line)
        found = [test for test in self._tests if test.runs(path, statement)]
        runs_at_import = any(test.runs(path, statement) for test in self._at_import)
        if is_in_function and len(found) != 1 and not (runs_at_import and not found):
            return found
        return list({test.name: test for test in (*found, *self._users(path))}.values())

    def _users(self, path: str) -> list[RecordedTest]:
        seen, paths = {path}, {path}
        while paths:
            called = {each: _lines_of_functions(self._trees[each]) for each in paths}
            found = [
                test
                for test in self._tests
                if any(test.runs(each, lines) for each, lines in called.items())
            ]
            if found:
                return found
            paths = {user for each in paths for user in self._importers.get(each, ())} - seen
            seen |= paths
        return []


def batches(path: str, tests: Iterable[RecordedTest], budget: float) -> list[dict[str, float]]:
    """The tests and their seconds in the order in which they are run, within the budget.

    Files whose folder mirrors that of the source come first, then the fastest.
    """
    files: dict[tuple[bool, str], list[RecordedTest]] = {}
    for test in tests:
        files.setdefault((test.seconds > _SLOW_SECONDS, test.file), []).append(test)
    ordered = sorted(
        files.items(), key=lambda item: (item[0][0], -_closeness(path, item[0][1]), _cost(item[1]))
    )
    found: list[dict[str, float]] = [{} for _ in _BATCH_SECONDS]
    total, number = 0.0, 0
    for _, group in ordered:
        for test in group:
            total += test.seconds + _FILE_SECONDS / len(group)
            if total > budget:
                return [batch for batch in found if batch]
            while total > _BATCH_SECONDS[number]:
                number += 1
            found[number][test.name] = test.seconds
    return [batch for batch in found if batch]


def _cost(tests: Sequence[RecordedTest]) -> float:
    return _FILE_SECONDS + sum(test.seconds for test in tests)


def _closeness(path: str, test_file: str) -> int:
    """How many folders a test file shares with a source: `tests` mirrors the package."""
    source = [part.strip("_") for part in PurePosixPath(path).parts if part != "src"]
    source = source[1:] if source[0] == "mirastack_sdk" else source
    tests = [part.removeprefix("test_") for part in PurePosixPath(test_file).parts[1:]]
    common = 0
    for ours, theirs in zip(source, tests, strict=False):
        if ours != theirs:
            break
        common += 1
    return common


def _around(tree: ast.Module, line: int) -> tuple[int, bool]:
    """The lines on which the innermost statement around a line is run; and is it in a function?"""
    lines, in_function = bits([line]), False
    for node in ast.walk(tree):  # outer nodes come first
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            lines = bits([line, node.lineno])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            in_function |= node.body[0].lineno <= line <= (node.end_lineno or node.lineno)
    return lines, in_function


def _lines_of_functions(tree: ast.Module) -> int:
    return bits(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    )


def _importers(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    modules = {_module(path): path for path in trees}
    importers: dict[str, set[str]] = {}
    for path, tree in trees.items():
        for name in _imported(tree):
            if name in modules:
                importers.setdefault(modules[name], set()).add(path)
    return importers


def _module(path: str) -> str:
    name = path.removeprefix(_PACKAGE).removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
