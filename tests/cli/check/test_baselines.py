"""`mirastack-agent check` with a baseline."""

from pathlib import Path

import pytest

from tests.cli.advice.cases import CLEAN
from tests.cli.check.checking import Check, clean, write
from tests.cli.programs import TYPED

START = '{"format": 1, "name": "a", "version": "1", '


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
    assert done.output == (
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
            f'{START}"actions": {{"x": {{"permission": "read", "inputs": {{}}}}}}}}',
            "actions.x.outputs must be an object",
        ),
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
    assert (done.status, done.output) == (2, "")
    start = "mirastack-agent: card.json is not a baseline that --write-baseline has written: "
    assert done.errors.startswith(start + sentence)
    assert len(done.errors.splitlines()) == 1


def test_a_baseline_that_is_missing(folder: Path, check: Check) -> None:
    """The error says how to write one."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--baseline", "card.json")
    assert (done.status, done.output) == (2, "")
    assert done.errors == (
        "mirastack-agent: the baseline card.json cannot be read: No such file or directory; "
        "--write-baseline writes one\n"
    )


def test_a_baseline_that_cannot_be_written(folder: Path, check: Check) -> None:
    """A folder that is missing is one sentence."""
    write(folder, "agent.py", TYPED)
    done = check("agent.py", "--write-baseline", "gone/card.json")
    assert done.status == 2
    assert done.errors == (
        "mirastack-agent: the baseline gone/card.json cannot be written: "
        "No such file or directory\n"
    )
