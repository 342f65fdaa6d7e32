"""Secrets in the fields of log records, in either format."""

import logging

import pytest

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._runtime.log_output.field_formatter import FieldFormatter
from mirastack_sdk._runtime.log_output.secret_filter import SecretFilter
from mirastack_sdk.logs import JsonFormatter

SECRET = 'pass"wo\nrd-4711'
NUMBER = "47114711"


class Shy:
    """An object whose text has a secret, and whose representation has none."""

    def __str__(self) -> str:
        return f"login with {SECRET}"

    def __repr__(self) -> str:
        return "Shy()"


def filtered(field: object) -> logging.LogRecord:
    secrets = KnownSecrets()
    secrets.learn([SECRET, NUMBER])
    made = logging.makeLogRecord({"msg": "sentence", "name": "my", "field": field})
    return SecretFilter(secrets.hide).filter(made)


@pytest.mark.parametrize(
    "field",
    [
        SECRET,
        {"password": SECRET},
        {SECRET: 1},
        ["a", [SECRET]],
        ("a", {"b": (SECRET,)}),
        {SECRET},
        [Shy()],
        {"a": Shy()},
        SECRET.encode(),
        [SECRET.encode()],
        int(NUMBER),
        [int(NUMBER)],
        {"pin": float(NUMBER)},
        {"url": "https://bob:pass@host/"},
        ["Authorization: Bearer abcdefghijklmnop0123456789"],
    ],
    ids=str,
)
def test_no_part_of_a_field_shows_a_secret(field: object) -> None:
    """Texts, keys, numbers and objects in lists and mappings are cleaned, and so is their JSON."""
    shown = filtered(field)
    for text in (JsonFormatter().format(shown), FieldFormatter().format(shown)):
        for part in ("pass", "4711", "abcdefghijklmnop"):
            assert part not in text.replace('"password"', "").replace("'password'", "")


@pytest.mark.parametrize("field", [3, 2.5, True, None, "text", ["a", {"b": 1}], {"a": [None]}])
def test_a_field_without_secrets_stays_as_it_is(field: object) -> None:
    """Numbers stay numbers, and lists stay lists."""
    assert vars(filtered(field))["field"] is field


def test_the_rest_of_a_field_keeps_its_form() -> None:
    """Only the part with the secret is replaced."""
    shown = vars(filtered({"rows": 3, "login": ["bob", SECRET]}))["field"]
    assert shown == {"rows": 3, "login": ["bob", "[secret]"]}
