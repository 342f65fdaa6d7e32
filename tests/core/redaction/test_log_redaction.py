"""The agent's log contains no credentials."""

import time

import pytest

from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._core.redaction.rules import Rule

HIDDEN = {
    "user-and-password": ("at https://u:p@h:1/x", "at https://[secret]@h:1/x"),
    "token-as-user": ("https://t0ken@h/x", "https://[secret]@h/x"),
    "password-alone": ("redis://:p@h/0", "redis://[secret]@h/0"),
    "unescaped-password": ("pg://u:p@ss/w0rd?@h/db", "pg://[secret]@h/db"),
    "several-hosts": ("mongodb://u:p@a:1,b:2/x", "mongodb://[secret]@a:1,b:2/x"),
    "two-urls": ("a://u:p@h,b://v:q@i", "a://[secret]@h,b://[secret]@i"),
    "quoted": ("'http://u:p@h' and x@y", "'http://[secret]@h' and x@y"),
    "query": ("http://h/x?token=abc&x=1", "http://h/x?token=[secret]&x=1"),
    "signature": ("http://h/?X-Amz-Signature=ff&y=2", "http://h/?X-Amz-Signature=[secret]&y=2"),
    "header": ("Authorization: Bearer abcdef", "Authorization: [secret]"),
    "bearer": ("sent Bearer abcdef12", "sent Bearer [secret]"),
    "web-token": ("got eyJhbGciOi.eyJzdWIi.sig", "got [secret]"),
    "issued-token": ("used ghp_abcdefgh1234", "used [secret]"),
}


@pytest.mark.parametrize(("text", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_credentials_are_hidden(text: str, shown: str) -> None:
    """Credentials are removed; hosts, paths and other details stay."""
    assert hide_credentials(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "GET http://h:8080/api/v1/query?query=up&step=15 failed",
        "user@host.example wrote to /srv/app/main.py, line 3",
        "http://h/x@y and http://h/?mail=a",
        "token expired",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    """A text without credentials is not changed."""
    assert hide_credentials(text) == text


def test_no_rule_is_compiled_for_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port, which every agent logs before its first call, costs no time."""
    monkeypatch.setattr(Rule, "apply", lambda *_: pytest.fail("a rule was used"))
    assert hide_credentials("9090") == "9090"


def test_a_very_long_text_is_cut() -> None:
    """The cut text states how long the original was."""
    shown = hide_credentials("x" * 200_000)
    assert shown == "x" * 100_000 + "… (200000 characters)"


@pytest.mark.parametrize(
    "piece", ["://", "://a:b", "://a@", "?sig", "&token", "a:", "=> '", "eyJ."]
)
def test_no_text_takes_long(piece: str) -> None:
    """The rules take nearly linear time, up to the longest text."""
    # The steps of a pattern cannot be counted. This takes 0.03 s; a quadratic pattern takes 30 s.
    began = time.process_time()
    hide_credentials(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 2
