"""`mirastack-agent check`: its output, its JSON and its statuses."""

import json
from pathlib import Path

import pytest

from tests.cli.check.checking import BROKEN, Check, clean, found, write
from tests.cli.processes import run
from tests.cli.programs import PLUGIN, PUBLISHED, TYPED
from tests.documentation.documentation import REPOSITORY


def test_an_agent_without_findings(folder: Path, check: Check) -> None:
    """One line and the status 0."""
    done = check(clean(folder))
    assert (done.status, done.errors) == (0, "")
    assert done.output == "metrics 1.0.0: nothing to report.\n"


def test_advice_does_not_fail(folder: Path, check: Check) -> None:
    """Advice is printed with its place and what to do; the status is 0."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--ignore", "MA7")
    assert (done.status, done.errors) == (0, "")
    assert done.output == (
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
    assert (done.status, done.errors) == (1, "")
    assert done.output == (
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
    assert (done.status, done.output) == (status, "")
    assert done.errors.splitlines()[-1].startswith("mirastack-agent: ")


def test_published_agents_are_checked(folder: Path, check: Check) -> None:
    """An agent written for the published SDK has findings like any other."""
    write(folder, "agent.py", PUBLISHED)
    assert found(check("agent.py", "--json")) == ["MA101", "MA203", "MA701", "MA702"]


@pytest.mark.parametrize("name", ["history", "metrics", "restarter"])
def test_the_typed_examples_have_no_findings(check: Check, name: str) -> None:
    """Authors copy the examples, which pass in strict mode."""
    done = check(str(REPOSITORY / "examples" / f"{name}_agent.py"), "--strict")
    assert (done.status, done.output) == (0, f"{name}_agent 1.0.0: nothing to report.\n")


def test_text_of_the_author_stays_in_its_line(folder: Path, check: Check) -> None:
    """Line breaks and escape codes in names and descriptions are printed as blanks."""
    write(folder, "agent.py", PLUGIN.replace("Say hello to somebody.", "Say\\n\\x1b[31m it."))
    (shown,) = [line for line in check("agent.py").output.splitlines() if line.startswith("MA101")]
    assert shown.startswith('MA101 advice action hello: the description "Say  [31m it." says')


def test_the_json_has_every_field(folder: Path, check: Check) -> None:
    """The JSON says what docs/checks.md promises."""
    write(folder, "agent.py", TYPED)
    assert json.loads(check("agent.py", "--json", "--ignore", "MA7").output) == {
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


def test_the_json_is_alone_on_standard_output(folder: Path, check: Check) -> None:
    """What the agent prints when it is imported or declares itself goes to standard error."""
    declaring = PLUGIN.replace(
        "return PluginSchema", 'print("declared")\n        return PluginSchema'
    )
    write(folder, "agent.py", f'print("imported")\n{declaring}')
    done = check("agent.py", "--json")
    assert json.loads(done.output)["agent"] == "my_plugin"
    assert done.errors == "imported\ndeclared\n"


def test_the_json_of_an_agent_that_engines_refuse(folder: Path, check: Check) -> None:
    """It has no name that could be relied on, and did not pass."""
    write(folder, "agent.py", BROKEN)
    printed = json.loads(check("agent.py", "--json").output)
    assert (printed["agent"], printed["version"], printed["passed"]) == (None, None, False)
    assert printed["counts"] == {"error": 2, "advice": 0, "note": 0}


def test_the_command_as_a_process(folder: Path) -> None:
    """It prints plain text to a pipe, and its status is that of the findings."""
    write(folder, "agent.py", TYPED)
    done = run("check", "agent.py", "--strict", folder=folder)
    assert (done.status, done.errors) == (1, "")
    assert done.output.startswith("MA201 advice action add, input a: ")
    assert "\x1b" not in done.output


def test_the_json_suits_an_output_that_lacks_characters(folder: Path) -> None:
    """What the output cannot carry is written with JSON's escapes."""
    write(folder, "agent.py", PLUGIN.replace("Say hello to somebody.", "Grüße."))
    done = run("check", "agent.py", "--json", folder=folder, PYTHONIOENCODING="ascii")
    assert done.status == 0
    assert r"Gr\u00fc\u00dfe." in done.output
    assert "Grüße." in json.loads(done.output)["findings"][0]["what"]
