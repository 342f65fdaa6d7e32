"""Every code: an agent has exactly this finding, and its neighbour has none."""

from pathlib import Path

import pytest

from mirastack_sdk._cli.advice.finding import KINDS, Finding
from mirastack_sdk._cli.check.agent_findings import checked_agent
from mirastack_sdk._cli.check.card import Card
from mirastack_sdk._cli.check.ignored_codes import IgnoredCodes
from mirastack_sdk._cli.loading.targets import load_target
from tests.cli.advice.cases import CASES, CLEAN, TEMPLATE, Changes

NOTHING_IGNORED = IgnoredCodes(per_action={})


def report(
    folder: Path, changes: Changes, template: str, baseline: Card | None = None
) -> tuple[list[Finding], Card | None]:
    """The findings about the clean agent with changes, and its card."""
    source = CLEAN
    for old, new in changes.items():
        assert old in source, f"nothing to replace: {old}"
        source = source.replace(old, new)
    where = folder / f"changed_{len(list(folder.iterdir()))}"
    (where / "templates").mkdir(parents=True)
    (where / "templates" / "metrics_guide.tmpl").write_text(template, encoding="utf-8")
    file = where / f"{where.name}.py"
    file.write_text(source, encoding="utf-8")
    done = checked_agent(
        load_target(str(file)), ignored=NOTHING_IGNORED, baseline=baseline, is_strict=False
    )
    return list(done.findings), done.card


def found(folder: Path, code: str, changes: Changes, template: str) -> list[Finding]:
    """The findings about a changed agent, since the clean one if the case has a baseline."""
    _, card = report(folder, {}, TEMPLATE)
    return report(folder, changes, template, card if CASES[code].baseline else None)[0]


def test_each_code_has_a_case() -> None:
    """No code is without an agent that shows it."""
    assert CASES.keys() == KINDS.keys()


def test_the_clean_agent_has_no_findings(folder: Path) -> None:
    """The agent from which all cases are made has none."""
    assert report(folder, {}, TEMPLATE)[0] == []


@pytest.mark.parametrize("code", CASES)
def test_a_broken_agent_has_exactly_this_finding(folder: Path, code: str) -> None:
    """One change of the clean agent causes one kind of finding."""
    case = CASES[code]
    findings = found(folder, code, case.broken, case.broken_template)
    codes = {each.code for each in findings}
    # A renamed action is one that was removed and one that is new.
    assert codes - {"MA890"} == {code} - {"MA890"}
    assert code in codes


@pytest.mark.parametrize("code", CASES)
def test_its_neighbour_has_none(folder: Path, code: str) -> None:
    """A change that looks similar and is right causes no finding."""
    case = CASES[code]
    assert found(folder, code, case.near, case.near_template) == []
