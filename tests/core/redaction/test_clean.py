"""Error texts lose what must not leave the process, and keep what is useful."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mirastack_sdk._core.redaction.clean import (
    MAX_LENGTH,
    MAX_LOG_LENGTH,
    clean,
    describe_exception,
)
from mirastack_sdk._core.redaction.error_rules import RULES
from mirastack_sdk._core.redaction.rules import Rule
from tests.core.redaction.error_texts_addresses import ADDRESSES
from tests.core.redaction.error_texts_harmless import HARMLESS
from tests.core.redaction.error_texts_secrets import SECRETS_AND_PATHS

pytestmark = pytest.mark.contract(
    "From the documented API to the wire: no address, credential, path or traceback leaves"
)

NASTY = {**ADDRESSES, **SECRETS_AND_PATHS}

TOKEN = st.text(alphabet="abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=12)
PASSWORD = st.text(
    alphabet="abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%*+.:?@^_~|-", min_size=12
)
LABEL = st.from_regex(r"[a-z]{6,20}[0-9]{3}", fullmatch=True)
FILLING = st.text(alphabet="abcdefghij .,;:()\n", max_size=40)

PASSWORD_PLACES = [
    "password={}",
    "PASSWORD = {}",
    "DB_PASSWORD={} next",
    "db.password: {}",
    "password='{}'",
    'password="{}", port=3',
    '{{"password": "{}"}}',
    "{{'api_key': '{}', 'a': 1}}",
    '{{\\"token\\": \\"{}\\"}}',
    "host=db user=u password={} dbname=x",
    "Server=db;Password={};Encrypt=True",
    "https://user:{}@backend.example:8428/api",
    "postgresql+asyncpg://user:{}@db/prod",
    "user:{}@backend:8428",
    "https://backend.example/api?token={}&x=1",
    "--password {}",
    "--password={}",
    "curl -u user:{}",
    "X-Api-Key: {}",
    "headers={{'X-Auth-Token': '{}'}}",
    "client_secret={}",
    "connect(passwd={}, host=h)",
    "Cookie: session={}",
    "<password>{}</password>",
    "input_value='{}'",
    "Command '['x', '-p', '{}']' returned non-zero exit status 1.",
]
TOKEN_PLACES = [
    "Authorization: Bearer {}",
    "authorization: {}",
    "{{'Authorization': 'Bearer {}'}}",
    "(b'authorization', b'Bearer {}')",
    "bearer {}",
    "bad credentials ghp_{}",
    "token is '{}'",
    "AKIAIOSF{}",
    "eyJ{}.{}.sig",
    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
]
HOST_PLACES = [
    "Cannot connect to host {}:8428 ssl:default",
    "HTTPConnectionPool(host='{}', port=80): Max retries exceeded",
    "http://{}/api",
    "https://u:p@{}:443",
    "Connect call failed ('{}', 8428)",
    'connection to server at "{}" failed',
    'could not translate host name "{}" to address',
    "Error 111 connecting to {}:6379. Connection refused.",
    "dial tcp: lookup {} on 10.0.0.1:53: no such host",
    "Could not resolve host: {}",
    "connect to host {} port 22: Connection refused",
    "timeout calling {}.svc.cluster.local",
    "certificate is not valid for '{}'",
    "jdbc:postgresql://{}/db",
    "bob@{}",
    "failed to connect to {}",
]
PATH_PLACES = [
    "[Errno 2] No such file or directory: '/srv/{}'",
    "[Errno 2] No such file or directory: '{}'",
    "cannot open /srv/{}/config.yaml",
    'cannot open "/srv/my {}/config.yaml"',
    "cannot open ~/{}",
    "cannot open ../{}/x",
    "cannot open C:\\Users\\{}\\x.txt",
    "cannot open \\\\server\\{}\\x.txt",
    'File "/srv/{}.py", line 3, in main',
    "(/srv/{}.py:12)",
    'Traceback (most recent call last):\n  File "x.py", line 1, in f\n    {}\nValueError: no',
]


@pytest.mark.parametrize(("text", "secrets"), NASTY.values(), ids=NASTY)
def test_nothing_internal_is_left_of_a_real_exception(text: str, secrets: list[str]) -> None:
    """No host, credential, user, token, path or source line remains."""
    cleaned = clean(text)
    assert [secret for secret in secrets if secret in cleaned] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    """Redaction does not change a text without internal details."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        (
            "aiohttp connect",
            "Cannot connect to host [address] ssl:default [Connect call failed ([address])]",
        ),
        (
            "psycopg",
            (
                "connection to server at [address] ([address]), port 5432 failed: "
                "FATAL:  password authentication failed for user [secret]"
            ),
        ),
        ("httpx status", "Client error '401 Unauthorized' for url [address] "),
        ("subprocess", "Command [command] returned non-zero exit status 22."),
        ("traceback", "worker failed: [traceback] ValueError: backend returned HTTP 503"),
        ("file", "[Errno 2] No such file or directory: '[path]'"),
        ("bearer", "401 for Authorization: [secret]"),
    ],
)
def test_what_happened_can_still_be_read(name: str, cleaned: str) -> None:
    """Placeholders replace what was removed; the rest explains the error."""
    assert clean(NASTY[name][0]).startswith(cleaned)


def test_every_rule_is_needed() -> None:
    """Each rule removes something from a sample that the earlier rules have left."""
    used: set[str] = set()
    for text, _ in NASTY.values():
        line = " ".join(text.split())
        for rule in RULES:
            cleaned = rule.apply(line)
            if cleaned != line:
                used.add(rule.why)
            line = cleaned
    assert {rule.why for rule in RULES} - used == set()


@given(st.sampled_from(PASSWORD_PLACES), PASSWORD, FILLING, FILLING)
def test_no_password_survives(place: str, password: str, before: str, after: str) -> None:
    """A password of any characters is removed, wherever a library puts it."""
    # Around it, the same characters are no password.
    assume(password not in place and password not in before and password not in after)
    text = f"{before} {place.format(password)} {after}"
    assert password not in clean(text)


@given(st.sampled_from(TOKEN_PLACES), TOKEN, FILLING, FILLING)
def test_no_token_survives(place: str, token: str, before: str, after: str) -> None:
    """A token is removed with and without the name of its scheme."""
    text = f"{before} {place.format(token, token)} {after}"
    assert token not in clean(text)


@given(st.sampled_from(HOST_PLACES), LABEL, FILLING, FILLING)
def test_no_host_survives(place: str, host: str, before: str, after: str) -> None:
    """A host of a single label is removed too if the text identifies it as a host."""
    text = f"{before} {place.format(host)} {after}"
    assert host not in clean(text)


@given(st.sampled_from(PATH_PLACES), LABEL, FILLING, FILLING)
def test_no_path_survives(place: str, name: str, before: str, after: str) -> None:
    """POSIX, Windows and network paths are removed, and source lines of tracebacks."""
    text = f"{before}\n{place.format(name)}\n{after}"
    assert name not in clean(text)


@given(st.ip_addresses(), FILLING, FILLING)
def test_no_ip_address_survives(address: object, before: str, after: str) -> None:
    """IPv4 and IPv6 addresses are removed."""
    text = str(address)
    assert text in {"::", "::1"} or text not in clean(f"{before} {text} {after}")


@given(st.text(max_size=1000))
def test_any_text_becomes_one_short_line(text: str) -> None:
    """The line is printable, bounded, and valid in any encoding."""
    cleaned = clean(text)
    assert len(cleaned) <= MAX_LENGTH
    assert len(cleaned.splitlines()) <= 1
    assert cleaned == cleaned.strip()
    cleaned.encode()


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "a b ",
        "\n",
        "a.",
        "a-1:",
        "@",
        "'",
        "\\",
        "/",
        "a/",
        "::",
        "(",
        "password ",
        "%40",
        "http://a/ ",
        "eyJa.",
        "-----BEGIN KEY-----",
        "Command '",
        "\x1b[",
        "a=b,",
        "host ",
        "A_",
        'Traceback (most recent call last):\n  File "x", line 1\n',
        "goroutine 1 [\n",
        " at a\n",
    ],
)
def test_a_megabyte_takes_no_longer_than_a_page(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule runs once, over a page at most, however large the error is."""
    read: list[int] = []
    apply = Rule.apply

    def counted(rule: Rule, text: str) -> str:
        read.append(len(text))
        return apply(rule, text)

    monkeypatch.setattr(Rule, "apply", counted)
    clean(unit * (1_000_000 // len(unit)))
    assert len(read) == len(RULES)
    assert max(read) <= MAX_LOG_LENGTH


def test_terminal_colours_and_control_characters_are_left_out() -> None:
    """They could hide a secret from the rules, or rewrite an operator's terminal."""
    assert (
        clean("\x1b[31mbackend\x1b[0m\x00 returned\tHTTP\r\n503\x07")
        == "backend  returned HTTP 503"
    )


def test_an_exception_is_described_by_its_own_text() -> None:
    """The engine sees the text, as documented for `raise RuntimeError(...)`."""
    error = RuntimeError("backend client not initialised — check MY_BACKEND_URL")
    assert describe_exception(error) == "backend client not initialised — check MY_BACKEND_URL"


def test_what_an_exception_was_raised_from_is_not_described() -> None:
    """The cause appears in the agent's log only."""
    error = RuntimeError("backend unreachable")
    error.__cause__ = ConnectionError("http://vm.internal:8428 refused")
    error.__context__ = ConnectionError("http://vm.internal:8428 refused")
    assert describe_exception(error) == "backend unreachable"


def test_notes_are_not_described() -> None:
    """Notes of an exception appear in the agent's log only."""
    error = ValueError("bad query")
    error.add_note("while talking to http://vm.internal")
    assert describe_exception(error) == "bad query"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "TimeoutError"),
        (ValueError(" \n"), "ValueError"),
        (RuntimeError("http://vm.internal/api"), "RuntimeError: [address]"),
        (KeyError("service"), "KeyError: 'service'"),
        (AssertionError(), "AssertionError"),
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (FileNotFoundError(2, "No such file", "/etc/x"), "[Errno 2] No such file: '[path]'"),
        (SystemExit(3), "3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_an_exception_that_says_little_is_named_by_its_type(
    error: BaseException, text: str
) -> None:
    """No text, a placeholder alone or a bare key would not help an operator."""
    assert describe_exception(error) == text


def test_an_exception_without_a_usable_text_is_named_by_its_type() -> None:
    """`__str__` may raise, or return something that is not text."""

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    class WrongError(Exception):
        __str__ = None  # type: ignore[assignment]  # an author without a type checker

    assert describe_exception(BrokenError("x")) == "BrokenError"
    assert describe_exception(WrongError("x")) == "WrongError"


def test_a_group_is_described_by_its_first_exceptions() -> None:
    """The text of a task group alone does not help."""
    group = ExceptionGroup(
        "unhandled errors in a TaskGroup",
        [
            RuntimeError("backend returned HTTP 503"),
            ExceptionGroup("inner", [TimeoutError(), ValueError("http://vm.internal")]),
            KeyError("unseen"),
        ],
    )
    assert describe_exception(group) == (
        "unhandled errors in a TaskGroup (3 sub-exceptions): "
        "backend returned HTTP 503; TimeoutError; ValueError: [address]"
    )


def test_a_group_of_any_depth_is_described() -> None:
    """Deep nesting does not exceed the recursion limit."""
    group: Exception = ValueError("deep")
    for _ in range(10_000):
        group = ExceptionGroup("group", [group])
    assert describe_exception(group) == "group (1 sub-exception): deep"


def test_a_long_text_is_cut() -> None:
    """An HTML page from a backend is cut."""
    text = describe_exception(RuntimeError("no data " * 1000))
    assert len(text) == MAX_LENGTH
    assert text.endswith("…")
