"""Recordings contain no secrets."""

import json

import pytest

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.redaction.secret_names import is_secret_name
from mirastack_sdk._runtime.recording.form_redaction import FormRedaction

KNOWN = 'hunter2"x'


@pytest.fixture
def redaction() -> FormRedaction:
    """One that knows a secret."""
    secrets = KnownSecrets()
    secrets.learn([KNOWN, "47114711"])
    return FormRedaction(secrets.hide, frozenset({"pin"}))


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        pytest.param(f"it is {KNOWN}", "it is [secret]", id="a known secret"),
        pytest.param([47114711, 5], ["[secret]", 5], id="as a number"),
        pytest.param({KNOWN: 1}, {"[secret]": 1}, id="as a key"),
        pytest.param("http://u:p@h/x", "http://[secret]@h/x", id="in a URL"),
        pytest.param({"a": "http://u:p@h"}, {"a": "http://[secret]@h"}, id="in a URL in an object"),
        pytest.param("https://h/x?api_key=abc", "https://h/x?api_key=[secret]", id="in a query"),
        pytest.param("Bearer abcdefgh", "Bearer [secret]", id="a bearer token"),
        pytest.param("ghp_16C7e42F292c6912E7710c8", "[secret]", id="a token of an issuer"),
        pytest.param({"password": "x"}, {"password": "[secret]"}, id="by its name"),
        pytest.param({"dbPassword": "x"}, {"dbPassword": "[secret]"}, id="in camel case"),
        pytest.param({"pin": "1"}, {"pin": "[secret]"}, id="by a declared name"),
        pytest.param(
            {"credentials": {"user": "u", "keys": [1, None]}},
            {"credentials": {"user": "[secret]", "keys": ["[secret]", None]}},
            id="all that is under its name",
        ),
        pytest.param('{"token": "abc"}', '{"token":"[secret]"}', id="in a text that is JSON"),
        pytest.param(
            {"$json_text": {"api_key": "x"}},
            {"$json_text": {"api_key": "[secret]"}},
            id="in JSON that was text",
        ),
        pytest.param(
            json.dumps({"a": json.dumps({"b": KNOWN})}),
            '{"a":"{\\"b\\":\\"[secret]\\"}"}',
            id="in JSON in JSON",
        ),
        pytest.param({"password": ""}, {"password": ""}, id="an empty one is none"),
        pytest.param({"a": True, "n": 1.5}, {"a": True, "n": 1.5}, id="nothing"),
        pytest.param('{"a":  1}', '{"a":  1}', id="what has none stays as it is written"),
    ],
)
def test_secrets_are_hidden(redaction: FormRedaction, form: object, shown: object) -> None:
    """What logs hide is hidden, and what its name calls a secret."""
    assert redaction.shown(form) == shown


def test_a_secret_in_a_long_text_is_hidden(redaction: FormRedaction) -> None:
    """Where the text is read in pieces, none of them divides a token."""
    words = "word " * 9_999 + "ghp_16C7e42F292c6912E7710c8 " + "word " * 20_000
    shown = redaction.shown(words)
    assert shown == words.replace("ghp_16C7e42F292c6912E7710c8", "[secret]")


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWD",
        "apiKey",
        "api-key",
        "x-auth-token",
        "Authorization",
        "set-cookie",
        "client_secret",
        "session_id",
        "dsn",
        "jwt",
        "privateKey",
        "connection_string",
    ],
)
def test_names_of_secrets(name: str) -> None:
    """In every spelling."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "query",
        "tokens",
        "max_tokens",
        "token_count",
        "tokenizer",
        "key",
        "author",
        "passed",
        "hotp_rate",
        "compass",
    ],
)
def test_other_names(name: str) -> None:
    """What only sounds like a secret is recorded."""
    assert not is_secret_name(name)
