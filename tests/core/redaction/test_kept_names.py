"""What stands before a removed value stays: it says what the value was."""

import pytest

from mirastack_sdk._core.redaction.clean import clean

SECRETS = [
    ("login={} failed", "eve"),
    ("a key={} was refused", "abc123def"),
    ("user: {}", "eve"),
    ("DB_DSN={}", "abcdef"),
    ("password={} y", "hunter"),
    ("the password is {}", '"abc def"'),
    ("token {}", "abc123def"),
    ('("x-api-key", {})', '"abc123"'),
    ("header value: {}", "abc123"),
    ("Authorization: {}", "Basic abcd"),
    ("Set-Cookie: {}", "a=b"),
    ("sent bearer {}", "abcdef123"),
]
ADDRESSES = [
    ("host={} is gone", "db1"),
    ("resolve host: {}", "db1.internal"),
    ("unknown host: {}", "db1"),
    ("('host', {})", "'db1'"),
    ("server: {}", "db1"),
    ("connect to host {} port 5", "db1"),
    ("lookup {} on x", "db1"),
]


@pytest.mark.parametrize(("text", "value"), SECRETS)
def test_the_name_of_a_secret_stays(text: str, value: str) -> None:
    """Only the value is replaced."""
    assert clean(text.format(value)) == text.format("[secret]")


@pytest.mark.parametrize(("text", "value"), ADDRESSES)
def test_the_words_before_an_address_stay(text: str, value: str) -> None:
    """Only the address is replaced."""
    assert clean(text.format(value)) == text.format("[address]")
