"""`make mutants` makes random faults and shows which of them the tests do not notice."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.mutants import equivalents, selection
from scripts.mutants.line_map import RecordedTest, bits
from scripts.mutants.operators import MutableFile, Mutant

REPOSITORY = Path(__file__).parent.parent
# Whoever counts for ever rests meanwhile, and costs the tests no processor.
LIMITS = '''"""Limits."""

from collections.abc import Callable


def clamp(value: int, highest: int) -> int:
    """The value, or the highest one."""
    return highest if value > highest else value


def count_down(value: int, rest: Callable[[], object]) -> int:
    """Zero."""
    while value > 0:
        rest()
        value -= 1
    return value


def unused(value: int) -> int:
    """One more."""
    return value + 1
'''
TESTS = """import time

from mirastack_sdk._core.limits import clamp, count_down


def test_clamp():
    assert clamp(3, 2) == 2
    assert clamp(1, 2) == 1


def test_count_down():
    assert count_down(2, lambda: time.sleep(0.001)) == 0
"""
GIT = shutil.which("git") or "git"
SOURCE = "src/mirastack_sdk/_core/limits.py"


def mutants(text: str) -> list[Mutant]:
    """All mutants of a text."""
    file = MutableFile("m.py", text)
    made = (file.mutant(number) for number in range(len(file)))
    return [mutant for mutant in made if mutant]


def changes(text: str) -> set[str]:
    """What its mutants have in place of the changed lines."""
    return {mutant.after for mutant in mutants(text)}


def test_a_mutant_is_the_file_with_one_change() -> None:
    """It says where the change is, and what was there."""
    text = '"""M."""\n\n\ndef f(a: int) -> bool:\n    """F."""\n    return a < 1\n'
    [mutant] = [each for each in mutants(text) if each.after == "return a <= 1"]
    assert mutant.text == text.replace("<", "<=")
    assert (mutant.line, mutant.before) == (6, "return a < 1")


def test_functions_with_decorators_and_code_outside_functions_are_changed() -> None:
    """Faults are made where mutmut itself makes none."""
    text = "LIMIT = 3\n\n\n@functools.cache\ndef f(a: int) -> int:\n    return a + 1\n"
    assert {"LIMIT = 4", "LIMIT = None", "return a - 1", "return a + 2"} == changes(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""Words about the module."""\n',
        "def f(a: int | str = None) -> list[int | None]: ...\n".replace(" = None", ""),
        "@dataclass(frozen=True)\nclass A:\n    a: int | None\n",
        "type Name = str | bytes\n",
        '__all__ = ["a"]\n',
        'class A:\n    __slots__ = ("a",)\n',
        "def f(a):\n    'Words in quotes of one kind.'\n",
    ],
)
def test_what_does_not_run_is_left_alone(text: str) -> None:
    """Types, decorators, docstrings and lists of names have no mutants."""
    assert changes(text) == set()


def test_a_sentence_has_one_mutant() -> None:
    """A text for people is worth one check, on however many lines it is; a name is worth more."""
    assert changes('f("must be " "a whole number")\n') == {
        'f("must be " "A WHOLE NUMBER")',
        "f(None)",
    }
    assert changes('f("name")\n') == {'f("XXnameXX")', 'f("NAME")', "f(None)"}


def test_the_seed_chooses_the_sample(tmp_path: Path) -> None:
    """The same seed gives the same mutants, another gives others."""
    texts = {"a.py": LIMITS, "b.py": LIMITS}

    def chosen(seed: int) -> list[tuple[str, str, str]]:
        return [each.key for each in selection.sample(texts, seed, 5, tmp_path / "counts")]

    assert len(chosen(1)) == 5
    assert chosen(1) == chosen(1) != chosen(2)


def test_a_sample_has_at_most_all_mutants(tmp_path: Path) -> None:
    """More cannot be had than there are."""
    found = list(selection.sample({"a.py": "LIMIT = 3\n"}, 1, 50, tmp_path / "counts"))
    assert {mutant.after for mutant in found} == {"LIMIT = 4", "LIMIT = None"}


def recorded(name: str, seconds: float = 0.01, **lines: list[int]) -> RecordedTest:
    """A test that has run these lines of these modules."""
    numbers = {f"codegen/{module}.py": bits(lines[module]) for module in lines}
    return RecordedTest(name=name, seconds=seconds, passed=True, lines=numbers)


def test_near_and_fast_tests_run_first() -> None:
    """Tests of the mirroring folder come first, slow ones last, and those over the budget never."""
    tests = [
        recorded("tests/e2e/test_a.py::test_slow", 9.0),
        recorded("tests/e2e/test_a.py::test_slower", 99.0),
        recorded("tests/e2e/test_b.py::test_fast", 0.5),
        recorded("tests/e2e/test_c.py::test_faster", 0.1),
        recorded("tests/core/policy/test_d.py::test_near", 0.6),
    ]
    found = selection.batches("src/mirastack_sdk/_core/policy/d.py", tests, 60.0)
    assert [name.rpartition("_")[2] for batch in found for name in batch] == [
        "near",
        "faster",
        "fast",
        "slow",
    ]


def test_a_line_is_tried_with_the_tests_that_run_it() -> None:
    """A line of a function: those that ran it. A line of an import: those that call its module."""
    texts = {
        "codegen/a.py": "LIMIT = 3\n\n\ndef f():\n    return LIMIT\n\n\ndef g():\n    return 1\n",
        "codegen/b.py": "NAMES = 3\n",
        "codegen/c.py": "from codegen.b import NAMES\n\n\ndef h():\n    return NAMES\n",
    }
    tests = [
        recorded("first", a=[1, 5], b=[1], c=[1]),
        recorded("second", a=[5]),
        recorded("third", a=[9]),
        recorded("fourth", c=[5]),
    ]
    chosen = selection.Selection(texts, tests)

    def names(path: str, line: int) -> list[str]:
        return [test.name for test in chosen.tests_for(path, line)]

    assert names("codegen/a.py", 5) == ["first", "second"]
    assert names("codegen/a.py", 1) == ["first", "second", "third"]
    assert names("codegen/b.py", 1) == ["first", "fourth"]


def test_each_listed_mutant_has_a_reason() -> None:
    """The list says why the change cannot be noticed."""
    for entry in equivalents.read().values():
        assert entry.before != entry.after
        assert len(entry.reason.split()) > 2, entry


def test_entries_for_code_that_has_changed_are_found(tmp_path: Path) -> None:
    """A run names them, so that they are removed; an entry holds wherever its line moves."""
    (tmp_path / "a.py").write_text("\n\ndef f(\n    a: int = 1,\n): ...\n", encoding="utf-8")
    kept, changed, moved = (
        equivalents.Equivalent(path=path, before=before, after="", reason="")
        for path, before in (("a.py", "a: int = 1,"), ("a.py", "a: int = 2,"), ("b.py", "a"))
    )
    assert equivalents.outdated([kept, changed, moved], tmp_path) == [changed, moved]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with the tool in it."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(
        REPOSITORY / "scripts" / "mutants",
        root / "scripts" / "mutants",
        ignore=shutil.ignore_patterns("__pycache__", "*.toml"),
    )
    listed = f"""[[mutant]]
path = "{SOURCE}"
before = "return value + 1"
after = "return value - 1"
reason = "Nobody uses the result"
"""
    files: Mapping[str, str] = {
        "scripts/mutants/equivalent_mutants.toml": listed,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n',
        "src/mirastack_sdk/__init__.py": "",
        "src/mirastack_sdk/_core/__init__.py": "",
        SOURCE: LIMITS,
        "src/mirastack_sdk_pytest.py": "",
        "codegen/__init__.py": "",
        "tests/core/test_limits.py": TESTS,
        ".gitignore": ".mutants\n.mypy_cache\n__pycache__\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run([GIT, "init", "-q"], cwd=root, check=True)
    subprocess.run([GIT, "add", "."], cwd=root, check=True)
    return root


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as make does."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.mutants", "--jobs=1", "--grace=3", *options, SOURCE],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_mutant_is_reported_and_the_tree_stays_as_it_is(project: Path) -> None:
    """Killed by a failing or hanging test, refused by mypy, equivalent, or not noticed by any."""
    done = run(project, "--count=100", "--seed=1", "--minimum=99")
    fates = {
        change.partition("-> ")[2].strip("`"): fate
        for change, _, fate in (line.partition("  ") for line in done.stdout.splitlines())
    }
    assert fates["return highest if (value > highest) or True else value"].startswith(
        "killed: tests/core/test_limits.py::test_clamp fails"
    ), done
    assert "test_count_down hangs" in fates["value += 1"]
    assert "SURVIVED: no test runs this line" in fates["return value + 2"]
    assert "SURVIVED 2 tests" in fates["return highest if value >= highest else value"]
    assert f"{SOURCE}:21: `return value - 1`  equivalent" in done.stdout
    assert "seed 1" in done.stdout.splitlines()[-1]
    assert done.returncode == 1
    assert (project / SOURCE).read_text(encoding="utf-8") == LIMITS


def test_a_wrong_path_is_named(project: Path) -> None:
    """What cannot be mutated stops the run before anything is recorded."""
    done = run(project, "src/nothing.py")
    assert done.returncode == 2
    assert "src/nothing.py: no file or folder of the repository" in done.stderr
