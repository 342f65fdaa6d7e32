"""What a failed check says, and where its page explains it."""

import re
from unittest import SkipTest

import pytest

from mirastack_sdk.testing import AgentSuite
from mirastack_sdk.testing._suite.check_failures import ADVICE, PAGE, fail_if_any, skip
from tests.documentation.documentation import REPOSITORY

TEXT = (REPOSITORY / PAGE).read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
CHECKS = [name for name in vars(AgentSuite) if name.startswith("test_")]


def test_the_page_explains_each_check() -> None:
    """Each check has a section, which its failure names, and there are no others."""
    sections = [heading.lower().replace(" ", "-") for heading in HEADINGS]
    assert sections[1:] == list(ADVICE)
    assert {f"test_{check.replace('-', '_')}" for check in ADVICE} == set(CHECKS)


def test_the_page_names_each_attribute_and_hook() -> None:
    """Authors find all that they can tell the suite."""
    names = [name for name in vars(AgentSuite) if not name.startswith(("_", "test_"))]
    assert len(names) > 10
    assert [name for name in names if f"`{name}" not in TEXT] == []


def test_a_failure_says_what_to_do() -> None:
    """It lists each problem once."""
    with pytest.raises(AssertionError) as failed:
        fail_if_any("cache-keys", ["one", "another", "one"])
    assert str(failed.value) == (
        "Expected: each cache key starts with the agent's name and a colon.\n"
        "Found:\n  - one\n  - another\n"
        'To fix it: use keys such as "my_agent:services": agents of a tenant share one cache.\n'
        "See docs/standard-suite.md#cache-keys."
    )


def test_no_problems_are_no_failure() -> None:
    """The check passes."""
    fail_if_any("card", [])


def test_a_check_that_cannot_be_made_is_skipped() -> None:
    """Runners of tests know the exception, and its text says where to read on."""
    skipped = skip("health", "override `cut_backend`")
    assert isinstance(skipped, SkipTest)
    assert str(skipped) == "override `cut_backend`; see docs/standard-suite.md#health"
