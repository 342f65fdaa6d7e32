"""`mirastack-agent check`: its output, its JSON and its statuses."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mirastack_sdk._cli.app import run
from tests.cli.advice.cases import CLEAN, TEMPLATE
from tests.cli.programs import PLUGIN, PUBLISHED, TYPED
from tests.documentation.documentation import REPOSITORY

START = '{"format": 1, "name": "a", "version": "1", '
MAIN = "from mirastack_sdk._cli.entry_point import main; main()"
BROKEN = PLUGIN.replace('"1.0.0"', '""').replace('"hello", "Say', '"Hello", "Say')


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How the command ended."""

    status: int
    stdout: str
    stderr: str


type Check = Callable[..., Done]


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


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def found(done: Done) -> list[str]:
    """The codes in the JSON that the command printed."""
    return [each["code"] for each in json.loads(done.stdout)["findings"]]


def clean(folder: Path) -> str:
    """A file with the agent that has no findings."""
    (folder / "templates").mkdir()
    write(folder, "templates/metrics_guide.tmpl", TEMPLATE)
    return write(folder, "clean.py", CLEAN)


def test_an_agent_without_findings(folder: Path, check: Check) -> None:
    """One line and the status 0."""
    done = check(clean(folder))
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == "metrics 1.0.0: nothing to report.\n"


def test_advice_does_not_fail(folder: Path, check: Check) -> None:
    """Advice is printed with its place and what to do; the status is 0."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--ignore", "MA7")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == (
        "MA201 advice action add, input a: the parameter has no description\n"
        "MA201 advice action add, input b: the parameter has no description\n"
        "      Describe its meaning, with an example of a value.\n"
        "typed_agent 1.0.0: 2 pieces of advice (2 ignored).\n"
    )


def test_strict_makes_advice_fail(folder: Path, check: Check) -> None:
    """`--strict` fails if there is advice, and passes without."""
    write(folder, "agent.py", TYPED)
    assert check("agent.py", "--strict").status == 1
    assert check(clean(folder), "--strict").status == 0


def test_the_quality_gates_fail(folder: Path, check: Check) -> None:
    """Each violation is an error, nothing else is reported, and the status is 1."""
    write(folder, "agent.py", BROKEN)
    done = check("agent.py", "--write-baseline", "card.json")
    assert (done.status, done.stderr) == (1, "")
    assert done.stdout == (
        "MA001 error  agent: PluginInfo: version must be text that is not blank, "
        'got ""\n'
        'MA001 error  agent: action "Hello": name must be in snake_case such as get_status, '
        'got "Hello"\n'
        "      Change the declaration as the sentence says; until then, the agent does not start.\n"
        "2 errors.\n"
    )
    assert not (folder / "card.json").exists()


@pytest.mark.parametrize(
    ("source", "status"), [(None, 2), ("x = 1", 3), ("raise ValueError('no')", 3)]
)
def test_an_agent_that_cannot_be_loaded(
    folder: Path, check: Check, source: str | None, status: int
) -> None:
    """Without an agent there are no findings, but one sentence."""
    if source is not None:
        write(folder, "agent.py", source)
    done = check("agent.py", "--json")
    assert (done.status, done.stdout) == (status, "")
    assert done.stderr.splitlines()[-1].startswith("mirastack-agent: ")


def test_published_agents_are_checked(folder: Path, check: Check) -> None:
    """An agent written for the published SDK has findings like any other."""
    write(folder, "agent.py", PUBLISHED)
    assert found(check("agent.py", "--json")) == ["MA101", "MA203", "MA701", "MA702"]


@pytest.mark.parametrize("name", ["history", "metrics", "restarter"])
def test_the_typed_examples_have_no_findings(check: Check, name: str) -> None:
    """Authors copy the examples, which pass in strict mode."""
    done = check(str(REPOSITORY / "examples" / f"{name}_agent.py"), "--strict")
    assert (done.status, done.stdout) == (0, f"{name}_agent 1.0.0: nothing to report.\n")


def test_text_of_the_author_stays_in_its_line(folder: Path, check: Check) -> None:
    """Line breaks and escape codes in names and descriptions are printed as blanks."""
    write(folder, "agent.py", PLUGIN.replace("Say hello to somebody.", "Say\\n\\x1b[31m it."))
    (shown,) = [line for line in check("agent.py").stdout.splitlines() if line.startswith("MA101")]
    assert shown.startswith('MA101 advice action hello: the description "Say  [31m it." says')


def test_the_json_has_every_field(folder: Path, check: Check) -> None:
    """The JSON says what docs/checks.md promises."""
    write(folder, "agent.py", TYPED)
    assert json.loads(check("agent.py", "--json", "--ignore", "MA7").stdout) == {
        "format": 1,
        "agent": "typed_agent",
        "version": "1.0.0",
        "passed": True,
        "counts": {"error": 0, "advice": 2, "note": 0},
        "ignored": 2,
        "findings": [
            {
                "code": "MA201",
                "severity": "advice",
                "place": f"action add, input {name}",
                "action": "add",
                "what": "the parameter has no description",
                "fix": "Describe its meaning, with an example of a value.",
            }
            for name in ("a", "b")
        ],
    }


def test_the_json_of_an_agent_that_engines_refuse(folder: Path, check: Check) -> None:
    """It has no name that could be relied on, and did not pass."""
    write(folder, "agent.py", BROKEN)
    printed = json.loads(check("agent.py", "--json").stdout)
    assert (printed["agent"], printed["version"], printed["passed"]) == (None, None, False)
    assert printed["counts"] == {"error": 2, "advice": 0, "note": 0}


@pytest.mark.parametrize(
    ("option", "left"),
    [
        (["--ignore", "MA201"], ["MA701", "MA702"]),
        (["--ignore", "MA201,MA7"], []),
        (["--ignore", "MA201", "--ignore", " MA701 , MA702"], []),
        (["--ignore", "MA"], []),
        (["--ignore", ""], ["MA201", "MA201", "MA701", "MA702"]),
    ],
)
def test_findings_are_ignored_by_code(
    folder: Path, check: Check, option: list[str], left: list[str]
) -> None:
    """Codes and their first characters are ignored, one or several at a time."""
    write(folder, "agent.py", TYPED)
    assert found(check("agent.py", "--json", *option)) == left


@pytest.mark.parametrize(
    ("table", "left"),
    [
        ('ignore = ["MA7"]', ["MA201", "MA201"]),
        ('[tool.mirastack-agent.per-action-ignore]\nadd = ["MA201", "MA702"]', ["MA701"]),
        ('per-action-ignore = { other = ["MA201"] }', ["MA201", "MA201", "MA701", "MA702"]),
        ("", ["MA201", "MA201", "MA701", "MA702"]),
    ],
)
def test_pyproject_ignores_findings(
    folder: Path, check: Check, table: str, left: list[str]
) -> None:
    """The table of the project above the agent is used, also for single actions."""
    write(folder, "pyproject.toml", f"[project]\nname = 'x'\n[tool.mirastack-agent]\n{table}\n")
    (folder / "src").mkdir()
    write(folder, "src/agent.py", TYPED)
    assert found(check("src/agent.py", "--json")) == left


def test_the_quality_gates_are_never_ignored(folder: Path, check: Check) -> None:
    """What engines refuse is reported, whatever is ignored."""
    write(folder, "agent.py", BROKEN)
    assert found(check("agent.py", "--json", "--ignore", "MA")) == ["MA001", "MA001"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("ignore = 'MA103'", "ignore must be a list of codes such as MA103"),
        ("ignore = [1]", "ignore must be a list of codes such as MA103"),
        ("ignore = ['MA999']", "ignore: no finding has the code MA999; see docs/checks.md"),
        ("ignore = ['']", "ignore: no finding has the code ; see docs/checks.md"),
        ("ignore = ['MA001']", "ignore: MA001 cannot be ignored, since engines refuse the agent"),
        (
            "ignores = []",
            "[tool.mirastack-agent] has no key ignores; it may have ignore and per-action-ignore",
        ),
        (
            "per-action-ignore = 1",
            "[tool.mirastack-agent] per-action-ignore must be a table of lists",
        ),
        (
            "per-action-ignore = { add = 1 }",
            "per-action-ignore.add must be a list of codes such as MA103",
        ),
    ],
)
def test_a_wrong_table_is_one_sentence(
    folder: Path, check: Check, table: str, sentence: str
) -> None:
    """A mistake in pyproject.toml ends with the status 2 and the name of the file."""
    write(folder, "pyproject.toml", f"[tool.mirastack-agent]\n{table}\n")
    write(folder, "agent.py", TYPED)
    done = check("agent.py")
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr == f"mirastack-agent: {folder / 'pyproject.toml'}: {sentence}\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[tool", "is not valid TOML"), ("[tool]\nmirastack-agent = 1", "must be a table")],
)
def test_a_broken_pyproject_is_named(folder: Path, check: Check, text: str, sentence: str) -> None:
    """A file that cannot be read as TOML is an error, and not ignored."""
    write(folder, "pyproject.toml", text)
    write(folder, "agent.py", TYPED)
    done = check("agent.py")
    assert done.status == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_baseline_is_written_and_compared(folder: Path, check: Check) -> None:
    """The same agent has no changes since its baseline; a changed one has errors and notes."""
    name = clean(folder)
    assert check(name, "--write-baseline", "card.json").status == 0
    assert check(name, "--baseline", "card.json", "--strict").status == 0
    changed = CLEAN.replace('"restart_collector"', '"restart_all"')
    required = changed.replace('ParamSchema("integer", False', 'ParamSchema("integer", True')
    write(folder, name, required)
    done = check(name, "--baseline", "card.json")
    assert done.status == 1
    assert done.stdout == (
        "MA801 error  action restart_collector: the action was removed\n"
        "      Keep the action until no workflow uses it.\n"
        "MA802 error  action query_series, input limit: "
        "the parameter was optional and is required\n"
        "      Give it a default, and make it optional.\n"
        "MA890 note   action restart_all: the action is new\n"
        "metrics 1.0.0: 2 errors, 1 note.\n"
    )


def test_a_baseline_can_be_compared_and_replaced_at_once(folder: Path, check: Check) -> None:
    """The old baseline is read before the new one is written to the same file."""
    name = clean(folder)
    check(name, "--write-baseline", "card.json")
    write(folder, name, CLEAN.replace('"restart_collector"', '"restart_all"'))
    both = ("--baseline", "card.json", "--write-baseline", "card.json")
    assert check(name, *both).status == 1
    assert check(name, *both).status == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Expecting property name enclosed in double quotes"),
        ("[]", "the file must be an object"),
        ("{}", "its format must be 1"),
        ('{"format": 1}', "name must be a text"),
        ('{"format": 1, "name": "a", "version": "1"}', "actions must be an object"),
        (f'{START}"actions": {{"x": 1}}}}', "actions.x must be an object"),
        (
            f'{START}"actions": {{"x": {{"permission": "all"}}}}}}',
            "actions.x.permission must be one of read, modify, admin",
        ),
        (
            f'{START}"actions": {{}}, "config": {{"k": {{"type": "string", "required": 1}}}}}}',
            "config.k.required must be true or false",
        ),
    ],
)
def test_a_wrong_baseline_is_one_sentence(
    folder: Path, check: Check, text: str, sentence: str
) -> None:
    """A file that is no baseline ends with the status 2 and what is wrong with it."""
    write(folder, "agent.py", TYPED)
    write(folder, "card.json", text)
    done = check("agent.py", "--baseline", "card.json")
    assert (done.status, done.stdout) == (2, "")
    start = "mirastack-agent: card.json is not a baseline that --write-baseline has written: "
    assert done.stderr.startswith(start + sentence)
    assert len(done.stderr.splitlines()) == 1


def test_a_baseline_that_is_missing(folder: Path, check: Check) -> None:
    """The error says how to write one."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--baseline", "card.json")
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr == (
        "mirastack-agent: the baseline card.json cannot be read: No such file or directory; "
        "--write-baseline writes one\n"
    )


def test_a_baseline_that_cannot_be_written(folder: Path, check: Check) -> None:
    """A folder that is missing is one sentence."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--write-baseline", "gone/card.json")
    assert done.status == 2
    assert done.stderr == (
        "mirastack-agent: the baseline gone/card.json cannot be written: "
        "No such file or directory\n"
    )


def test_the_command_as_a_process(folder: Path) -> None:
    """It prints plain text to a pipe, and its status is that of the findings."""
    write(folder, "agent.py", TYPED)
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "check", "agent.py", "--strict"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("MA201 advice action add, input a: ")
    assert "\x1b" not in done.stdout
