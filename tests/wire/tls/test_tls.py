"""The rules of security: names, tokens, expiry warnings and rate-limited logs."""

import logging
from collections.abc import Mapping

import pytest

from mirastack_sdk import _log
from mirastack_sdk._log import RateLimitedLog
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.socket.first_bytes import speaks_tls
from mirastack_sdk._wire.tls.certificates import Validity, is_among, names_in, shown
from mirastack_sdk._wire.tls.tls_contexts import expiry_warning
from mirastack_sdk._wire.tls.tls_errors import TlsError, TlsErrorKind
from mirastack_sdk.testing import ManualClock

DAY = 86_400


@pytest.mark.parametrize(
    ("certificate", "names"),
    [
        ({}, ()),
        ({"subject": ((("commonName", "engine"),),)}, ("engine",)),
        ({"subject": ((("organizationName", "engine"),),)}, ()),
        (
            {
                "subject": ((("countryName", "DE"),), (("commonName", "a"), ("commonName", "b"))),
                "subjectAltName": (("DNS", "c"), ("email", "d@e"), ("URI", "f://g"), ("DNS", "a")),
            },
            ("c", "f://g", "a", "b"),
        ),
        (
            {"subjectAltName": (("IP Address", "10.0.0.1"), ("DirName", ((("x", "y"),),)))},
            ("10.0.0.1",),
        ),
    ],
    ids=["nothing", "common name", "organisation", "many", "address"],
)
def test_names_of_a_certificate(certificate: Mapping[str, object], names: tuple[str, ...]) -> None:
    """Alternative names of three kinds, then common names, each once."""
    assert names_in(certificate) == names


@pytest.mark.parametrize(
    ("name", "allowed", "expected"),
    [
        ("a", ["a"], True),
        ("A", ["a"], True),
        ("a", ["A", "b"], True),
        ("a.b", ["*.b"], False),
        ("*.b", ["a.b"], False),
        ("x://A", ["x://a"], False),
        ("x://a", ["x://a"], True),
        ("", ["a"], False),
    ],
)
def test_names_are_compared_as_they_stand(name: str, allowed: list[str], expected: bool) -> None:
    """Names are not patterns; only host names ignore case."""
    assert is_among([name], allowed) is expected


def test_names_are_shown_in_a_line() -> None:
    """The text is one line, however many names there are and whatever they contain."""
    assert shown([]) == "nobody"
    assert shown(["a\n2026 INFO all is well", "ü"]) == r"a\n2026 INFO all is well, \xfc"
    assert shown([str(number) for number in range(1000)]) == "0, 1, 2, 3, 4 and 995 more"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (-1, (logging.ERROR, "is not valid yet, or this machine's clock is slow")),
        (0, None),
        (23 * DAY - 1, None),
        (23 * DAY + 1, (logging.WARNING, "expires in 6 days")),
        (29 * DAY, (logging.WARNING, "expires in 24 hours")),
        (30 * DAY - 90, (logging.WARNING, "expires in 1 minutes")),
        (30 * DAY, (logging.ERROR, "expired 0 minutes ago")),
        (40 * DAY, (logging.ERROR, "expired 10 days ago")),
    ],
)
def test_what_is_said_of_a_certificate(now: float, expected: tuple[int, str] | None) -> None:
    """There is a warning seven days before expiry, and an error outside the validity."""
    assert expiry_warning(Validity(0, 30 * DAY), now) == expected


class Source:
    """A token that the test changes, with a count of how often it is read."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.looks = 0

    def __call__(self) -> str:
        """Return the token."""
        self.looks += 1
        return self.token


def test_a_token_is_looked_for_once_a_second() -> None:
    """The file is read once a second, however many calls have the right token."""
    clock, source = ManualClock(0), Source("first")
    bearer = BearerToken(source, clock.monotonic)
    for _ in range(10):
        assert bearer.refusal("Bearer first") is None
        clock.advance(0.25)
    assert source.looks == 3


def test_the_old_token_is_refused_a_second_later() -> None:
    """The new token is accepted at once; the old one for at most a second."""
    clock, source = ManualClock(0), Source("first")
    bearer = BearerToken(source, clock.monotonic)
    source.token = "second"
    assert bearer.refusal("Bearer first") is None
    clock.advance(1)
    assert bearer.refusal("Bearer first") is not None
    assert bearer.header() == ("authorization", "Bearer second")


def test_the_new_token_counts_at_once() -> None:
    """A call with the new token is accepted at once, and the old one is then refused."""
    clock, source = ManualClock(0), Source("first")
    bearer = BearerToken(source, clock.monotonic)
    source.token = "second"
    assert bearer.refusal("Bearer second") is None
    assert bearer.refusal("Bearer first") is not None


def test_a_token_that_stays_is_the_same_object() -> None:
    """Callers can compare by identity to see whether the token has changed."""
    clock, source = ManualClock(0), Source("first")
    bearer = BearerToken(source, clock.monotonic)
    before = bearer.current()
    source.token = "".join(["fir", "st"])
    clock.advance(5)
    assert bearer.current() is before


def test_a_log_is_rate_limited(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One line of a kind in ten seconds; the next one has the number of suppressed lines."""
    clock = ManualClock(0)
    monkeypatch.setattr(_log, "time", clock)
    log = RateLimitedLog(logging.getLogger("test"))
    for number in range(4):
        log.write("a", "refused %d", number)
    log.write("b", "refused %s", "100%d")
    clock.advance(10)
    log.write("a", "refused %d", 4)
    log.write("b", "refused %s", "again")
    assert caplog.messages == [
        "refused 0",
        "refused 100%d",
        "refused 4 (3 more like it before)",
        "refused again",
    ]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"\x15\x03\x03\x00\x02", True),
        (b"\x16\x03\x01", True),
        (b"\x00\x00\x12\x04\x00", False),
        (b"HTTP/1.1 400", False),
        (b"\x15", False),
        (b"", False),
    ],
)
def test_tls_is_known_by_its_first_bytes(first: bytes, expected: bool) -> None:
    """Alerts and handshakes of any version are recognized."""
    assert speaks_tls(first) is expected


@pytest.mark.parametrize("kind", TlsErrorKind, ids=lambda kind: kind.name)
def test_every_kind_is_a_sentence(kind: TlsErrorKind) -> None:
    """Each sentence names the peer, and has no placeholder left."""
    told = TlsError(kind, "so and so").describe("the engine")
    assert "the engine" in told
    assert "{" not in told
