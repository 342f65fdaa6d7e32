"""The published functions, with the values that the published SDK returned."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfoNotFoundError

import pytest

from mirastack_sdk.compat import (
    datetimeutils,
    respond_error,
    respond_json,
    respond_map,
    respond_raw,
)
from mirastack_sdk.compat.grpc_msgsize import resolve_max_message_bytes
from mirastack_sdk.compat.tenantid import id_from_slug

MOMENTS = (1774973400999, 0, -1)

TABLE: dict[Callable[[int], str], tuple[str, str, str]] = {
    datetimeutils.format_epoch_seconds: ("1774973400.999", "0.000", "-0.001"),
    datetimeutils.format_epoch_millis: ("1774973400999", "0", "-1"),
    datetimeutils.format_epoch_micros: ("1774973400999000", "0", "-1000"),
    datetimeutils.format_epoch_nanos: ("1774973400999000000", "0", "-1000000"),
    datetimeutils.format_rfc3339: (
        "2026-03-31T16:10:00Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
    ),
    datetimeutils.format_rfc3339_nano: (
        "2026-03-31T16:10:00.999Z",
        "1970-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
    ),
    datetimeutils.format_date: ("2026-03-31", "1970-01-01", "1969-12-31"),
    datetimeutils.format_datetime: (
        "2026-03-31 16:10:00",
        "1970-01-01 00:00:00",
        "1969-12-31 23:59:59",
    ),
}
ZONES = {
    "UTC": (
        "2026-03-31T16:10:00+00:00",
        "1970-01-01T00:00:00+00:00",
        "1969-12-31T23:59:59+00:00",
    ),
    "Asia/Kolkata": (
        "2026-03-31T21:40:00+05:30",
        "1970-01-01T05:30:00+05:30",
        "1970-01-01T05:29:59+05:30",
    ),
    "America/New_York": (
        "2026-03-31T12:10:00-04:00",
        "1969-12-31T19:00:00-05:00",
        "1969-12-31T18:59:59-05:00",
    ),
}


@pytest.mark.parametrize("function", TABLE, ids=lambda function: function.__name__)
def test_formats(function: Callable[[int], str]) -> None:
    """Each format has the published text, before 1970 as well."""
    assert tuple(map(function, MOMENTS)) == TABLE[function]


@pytest.mark.parametrize("zone", ZONES)
def test_time_zones(zone: str) -> None:
    """A time in a zone has the published text."""
    written = tuple(datetimeutils.format_in_timezone(moment, zone) for moment in MOMENTS)
    assert written == ZONES[zone]


def test_a_format_of_ones_own() -> None:
    """`format_custom` writes UTC with strftime's directives."""
    written = [datetimeutils.format_custom(moment, "%d/%m/%Y %f") for moment in MOMENTS]
    assert written == ["31/03/2026 999000", "01/01/1970 000000", "31/12/1969 999000"]


def test_lookbacks() -> None:
    """A lookback is the difference, also when it is negative."""
    assert datetimeutils.format_lookback_millis(1, 5) == "4"
    assert datetimeutils.format_lookback_millis(5, 1) == "-4"


@pytest.mark.parametrize("moment", [*MOMENTS, 253402300799999, -62135596800000])
def test_datetimes_there_and_back(moment: int) -> None:
    """A datetime is aware, in UTC, keeps the milliseconds, and leads back exactly."""
    found = datetimeutils.to_datetime(moment)
    assert found.utcoffset() == timedelta(0)
    assert datetimeutils.from_datetime(found) == moment


def test_a_naive_datetime_is_local() -> None:
    """A datetime without a zone is read as local time, and less than a millisecond is cut."""
    moment = datetime(2026, 3, 31, 16, 10, 0, 999_999, tzinfo=UTC)
    assert datetimeutils.from_datetime(moment) == 1774973400999
    naive = moment.astimezone().replace(tzinfo=None)
    assert datetimeutils.from_datetime(naive) == 1774973400999


def test_now_is_now() -> None:
    """The current time is in epoch milliseconds."""
    now = datetimeutils.to_datetime(datetimeutils.now_utc_ms())
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_wrong_zones_and_years() -> None:
    """An unknown zone is a KeyError; an empty one, a path and a far year are ValueErrors."""
    with pytest.raises(ZoneInfoNotFoundError):
        datetimeutils.format_in_timezone(0, "Europe/Nowhere")
    for zone in ("", "../etc/passwd"):
        with pytest.raises(ValueError, match=r".+"):
            datetimeutils.format_in_timezone(0, zone)
    for moment in (253402300800000, -62135596800001, 2**80):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            datetimeutils.format_date(moment)


@pytest.mark.contract("What reaches the language model: the platform's response helpers")
def test_responses_are_the_published_bytes() -> None:
    """The value itself is the output, as Python's default JSON text; logs may be set after."""
    value = {"a": 1, "b": ["x", True, None], "c": "ü"}
    assert respond_map(value).output == b'{"a": 1, "b": ["x", true, null], "c": "\\u00fc"}'
    assert respond_map({}).output == b"{}"
    assert respond_map(MappingProxyType({"a": 1})).output == b'{"a": 1}'
    assert respond_json([1, 2.5, "x"]).output == b'[1, 2.5, "x"]'
    assert respond_json(None).output == b"null"
    assert respond_json(float("nan")).output == b"NaN"
    response = respond_error("no \u2013 set it")
    assert response.output == b'{"error": "no \\u2013 set it"}'
    assert response.logs == []
    response.logs = ["ERROR: no"]
    data = b'{"a":1}'
    assert respond_raw(data).output is data


@pytest.mark.parametrize("value", [datetime.now(UTC), b"x", {1}, timedelta(1)])
def test_values_that_json_does_not_have(value: object) -> None:
    """They raise TypeError, alone and inside of others."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        respond_json(value)
    with pytest.raises(TypeError, match="not JSON serializable"):
        respond_map({"value": value})


@pytest.mark.contract("Environment: the tenant id from a slug is a UUIDv5")
@pytest.mark.parametrize(
    ("slug", "tenant"),
    [
        ("acme", "824a1531-d24a-549c-8003-23b0f2d206cd"),
        (" Acme ", "824a1531-d24a-549c-8003-23b0f2d206cd"),
        ("ACME", "824a1531-d24a-549c-8003-23b0f2d206cd"),
        ("a-b_1", "279d98a1-b404-5831-a904-54059a076fe5"),
        ("", "dd9a3914-4c88-5cee-8f46-c25cb8071ec9"),
    ],
)
def test_tenants(slug: str, tenant: str) -> None:
    """A slug has the id that the platform gives it, whatever its case and blanks."""
    assert id_from_slug(slug) == tenant


def test_the_message_limit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The variable counts; an invalid one is reported, and the default counts."""
    name = "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES"
    monkeypatch.delenv(name, raising=False)
    assert resolve_max_message_bytes() == 67108864
    monkeypatch.setenv(name, "1048576")
    assert resolve_max_message_bytes() == 1048576
    monkeypatch.setenv(name, "lots")
    with caplog.at_level(logging.WARNING):
        assert resolve_max_message_bytes() == 67108864
    assert f'{name} must be a whole number from 1024 to 4294967295, got "lots"' in caplog.text
