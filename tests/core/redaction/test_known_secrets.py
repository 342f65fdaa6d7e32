"""Known secrets are removed from text in every form in which they can appear."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets, secret_values
from mirastack_sdk.plugin import ConfigParam

VALUE = "pa\"ss'wö/rd \\1&=+"

FORMS = {
    "as-it-is": VALUE,
    "repr": repr(VALUE)[1:-1],
    "ascii": ascii(VALUE)[1:-1],
    "bytes": repr(VALUE.encode())[2:-1],
    "json": json.dumps(VALUE)[1:-1],
    "json-utf8": json.dumps(VALUE, ensure_ascii=False)[1:-1],
    "url": quote(VALUE),
    "url-whole": quote(VALUE, safe=""),
    "form": quote_plus(VALUE),
    "base64": base64.b64encode(VALUE.encode()).decode().rstrip("="),
    "base64-url": base64.urlsafe_b64encode(VALUE.encode()).decode().rstrip("="),
}


def knowing(*values: str) -> KnownSecrets:
    secrets = KnownSecrets()
    secrets.learn(values)
    return secrets


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_hidden_in_every_form(form: str) -> None:
    """Python, JSON, URLs and base64 write the same value differently."""
    assert knowing(VALUE).hide(f"<{form}> and <{form}>") == "<[secret]> and <[secret]>"


@pytest.mark.parametrize("value", ["", " ", "\t\n", "abc", " abc ", "\n\n\n\n\n"])
def test_what_is_blank_or_short_is_no_secret(value: str) -> None:
    """Hiding such values would damage every text."""
    text = "abc \t\n\n\n\n\n abc "
    assert knowing(value).hide(text) == text


def test_blanks_around_a_secret_do_not_matter() -> None:
    """A value read from a file often ends with a line break and is used without it."""
    assert knowing("s3cret\n").hide("the key s3cret fails") == "the key [secret] fails"


def test_each_long_line_of_a_key_is_a_secret() -> None:
    """The error of a parser contains the line that it could not parse."""
    secrets = knowing("-----BEGIN KEY-----\nMIIEvQIBADANBg\nab\n-----END KEY-----\n")
    assert secrets.hide("bad line: MIIEvQIBADANBg") == "bad line: [secret]"
    assert secrets.hide("ab is not hidden") == "ab is not hidden"


def test_the_longer_of_two_secrets_goes_first() -> None:
    """If one secret begins with another, nothing of the longer one remains."""
    assert knowing("hunter", "hunter22").hide("hunter22 hunter") == "[secret] [secret]"


def test_a_secret_that_looks_like_a_placeholder_makes_no_more_of_them() -> None:
    """A placeholder is not searched again."""
    assert knowing("secret", "hunter22").hide("secret hunter22") == "[secret] [secret]"


def test_the_newest_secrets_are_kept() -> None:
    """Secrets that rotate for months must not fill the memory."""
    secrets = knowing(*(f"secret-{number:04}" for number in range(1_000)))
    assert secrets.hide("secret-0999 secret-0744") == "[secret] [secret]"
    assert secrets.hide("secret-0743") == "secret-0743"


def test_secrets_in_use_are_kept() -> None:
    """However often others are rotated: those of each user, the last that it has named."""
    secrets = knowing()
    secrets.learn(["the-token"], user="token")
    secrets.learn(["password-1", "password-2"], user="config")
    for number in range(1_000):
        secrets.learn([f"secret-{number:04}"], user="rotated")
        secrets.learn([f"other-{number:04}"])
    shown = secrets.hide("the-token password-1 password-2 secret-0999 other-0999 secret-0001")
    assert shown == "[secret] [secret] [secret] [secret] [secret] secret-0001"


def test_a_secret_that_was_in_use_just_now_is_as_new_as_any() -> None:
    """Calls that still run may use it; in the end it is forgotten."""
    secrets = knowing()
    secrets.learn(["the-token"], user="token")
    secrets.learn(f"early-{number:04}" for number in range(1_000))
    secrets.learn(["next-token"], user="token")
    secrets.learn(f"later-{number:04}" for number in range(255))
    assert secrets.hide("the-token next-token") == "[secret] [secret]"
    secrets.learn(["one-more"])
    assert secrets.hide("the-token next-token") == "the-token [secret]"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_in_use_stays_hidden_in_every_form(form: str) -> None:
    """However many others have been learned since."""
    secrets = knowing()
    secrets.learn([VALUE], user="token")
    secrets.learn(f"other-{number:04}" for number in range(1_000))
    assert secrets.hide(f"before {form} after") == "before [secret] after"


def test_a_secret_that_comes_back_is_as_new_as_any() -> None:
    """A rotation may go back to an earlier value."""
    secrets = knowing()
    secrets.learn(["comes-back"])
    secrets.learn(f"early-{number:04}" for number in range(200))
    secrets.learn(["comes-back"])
    secrets.learn(f"later-{number:04}" for number in range(200))
    assert secrets.hide("comes-back") == "[secret]"


@pytest.mark.parametrize("given", [[], ["", "abc"], ["the-token"]])
def test_naming_a_user_again_forgets_nothing_at_once(given: list[str]) -> None:
    """Without values, with short ones, or with the same."""
    secrets = knowing()
    secrets.learn(["the-token", "another-token"], user="token")
    secrets.learn(given, user="token")
    secrets.learn(f"other-{number:04}" for number in range(200))
    assert secrets.hide("the-token another-token") == "[secret] [secret]"


def test_a_secret_of_two_users_stays_until_both_have_others() -> None:
    """A token that is also a value of the config, for example."""
    secrets = knowing()
    secrets.learn(["shared-1"], user="token")
    secrets.learn(["shared-1"], user="config")
    secrets.learn([], user="config")
    secrets.learn(f"other-{number:04}" for number in range(1_000))
    assert secrets.hide("shared-1") == "[secret]"


def test_more_secrets_in_use_than_are_remembered_are_all_kept() -> None:
    """A config may have that many."""
    secrets = knowing()
    secrets.learn((f"secret-{number:04}" for number in range(1_000)), user="config")
    assert secrets.hide("secret-0000 secret-0999") == "[secret] [secret]"


def test_only_parameters_declared_secret_have_secret_values() -> None:
    """Declared defaults are public, and unknown keys are not declared secret."""
    params = [
        ConfigParam("token", "d", secret=True),
        ConfigParam("pin", "d", secret=True, default="0000"),
        ConfigParam("missing", "d", secret=True),
        ConfigParam("region", "d"),
    ]
    config = {"token": "t0ken", "pin": "0000", "region": "eu-west", "other": "value"}
    assert secret_values(params, config) == ["t0ken"]
    assert secret_values(params, {**config, "pin": "4711"}) == ["t0ken", "4711"]


def test_a_lone_surrogate_in_a_secret_is_no_obstacle() -> None:
    """A secret may contain a lone surrogate."""
    assert knowing("pass\ud800word").hide("pass\ud800word") == "[secret]"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('{"a": "xhunter22x"}', '{"a": "x[secret]x"}'),
        ('{"hunter22" :1.50}', '{"[secret]" :1.50}'),
        ('["hunter22", 1e5, 31337, 313370]', '["[secret]", 1e5, "[secret]", "[secret]0"]'),
        (r'"{\"pin\":31337}"', r'"{\"pin\":\"[secret]\"}"'),
        (r'"{\"pin\":31337, \"\\x\"}"', r'"{\"pin\":[secret], \"\\x\"}"'),
        (r'"\u0068unter22 \/"', r'"[secret] /"'),
        (r'{"a\/b":"\u003c", "c" : 1.0}', r'{"a\/b":"\u003c", "c" : 1.0}'),
    ],
)
def test_json_stays_json(text: str, hidden: str) -> None:
    """Only strings and numbers with a secret change; all else stays as it is written."""
    assert knowing("hunter22", "31337").hide_in_json(text) == hidden
    json.loads(hidden)


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_secret_is_hidden_in_json_within_json(levels: int, ascii_only: bool) -> None:
    """Results carry JSON as text."""
    text = json.dumps({"a": VALUE}, ensure_ascii=ascii_only)
    for _ in range(levels - 1):
        text = json.dumps({"result": text}, ensure_ascii=ascii_only)
    hidden = knowing(VALUE).hide_in_json(text)
    for _ in range(levels - 1):
        hidden = json.loads(hidden)["result"]
    assert json.loads(hidden) == {"a": "[secret]"}


@given(JSON, st.text(min_size=4), st.booleans())
def test_any_json_stays_json(value: object, secret: str, ascii_only: bool) -> None:
    """Whatever the secret looks like."""
    text = json.dumps([value, {"a": secret}], ensure_ascii=ascii_only)
    hidden = json.loads(knowing(secret).hide_in_json(text))
    assert len(hidden) == 2
    if secret.strip() and len(secret.strip()) >= 4:
        assert hidden[1]["a"] != secret


@given(JSON)
def test_without_secrets_json_is_untouched(value: object) -> None:
    """The same object, at no cost."""
    text = json.dumps(value)
    assert KnownSecrets().hide_in_json(text) is text
