"""The alert rules: valid, tested, and with what to do about each."""

import re

import pytest

from tests.deploy.deploy_files import RULE_TESTS, RULES, alerts, promtool


def test_promtool_accepts_the_rules() -> None:
    """Expressions and templates are valid."""
    output = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
    assert f"{len(alerts())} rules found" in output


def test_each_alert_fires_when_it_should() -> None:
    """The unit tests of the rules pass."""
    assert "SUCCESS" in promtool("test", "rules", RULE_TESTS)


def test_each_alert_has_a_unit_test() -> None:
    """The unit tests are those of the rules, in their order."""
    tested = re.findall(r"^  - name: (\w+)$", RULE_TESTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert tested == list(alerts())


@pytest.mark.parametrize("name", alerts())
def test_each_alert_says_what_to_do(name: str) -> None:
    """An alert has a severity, a summary that names the agent, and a runbook."""
    rule = alerts()[name]
    assert re.search(r"severity: (critical|warning)$", rule, re.MULTILINE)
    assert re.search(r"summary: .*?\{\{ \$labels.instance \}\}", rule, re.DOTALL)
    assert re.search(r"runbook: >-\n +\w.{40,}", rule)
