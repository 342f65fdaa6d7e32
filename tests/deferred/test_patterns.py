"""Regular expressions that are compiled when they are first used."""

import re

import pytest

from mirastack_sdk._deferred.patterns import deferred_pattern


@pytest.mark.parametrize("name", ["fullmatch", "match", "search", "findall", "split"])
def test_methods_are_those_of_the_compiled_pattern(name: str) -> None:
    """Each method finds what it finds in a pattern of `re`."""
    late, compiled = (
        deferred_pattern("(?P<word>a+)b", re.IGNORECASE),
        re.compile("(?P<word>a+)b", re.IGNORECASE),
    )
    for text in ("AAB", "xabx", "c"):
        assert str(getattr(late, name)(text)) == str(getattr(compiled, name)(text))


def test_a_pattern_of_bytes_replaces_bytes() -> None:
    """`sub` and `finditer` work on bytes, with a function as the replacement."""
    pattern = deferred_pattern(rb"[0-9]+")
    assert pattern.sub(lambda match: match[0] * 2, b"a1b") == b"a11b"
    assert [match.group() for match in pattern.finditer(b"1a2")] == [b"1", b"2"]


def test_nothing_stands_between_a_used_pattern_and_its_caller() -> None:
    """After the first use, a method is that of the compiled pattern itself."""
    pattern = deferred_pattern("a")
    assert "fullmatch" not in vars(pattern)
    assert pattern.pattern == "a"
    assert vars(pattern)["fullmatch"] == re.compile("a").fullmatch


def test_a_faulty_pattern_is_an_error_at_its_first_use() -> None:
    """The error is that of `re`."""
    pattern = deferred_pattern("(")
    with pytest.raises(re.error, match="missing \\), unterminated subpattern"):
        pattern.match("a")
