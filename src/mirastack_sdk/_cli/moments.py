"""Moments as people write them for `call`, and models for the tools of `mcp`."""

from datetime import UTC, datetime, tzinfo

from mirastack_sdk._actions.convert.ranges import epoch_ms

EXPECTED_MOMENT = (
    "a time such as 2026-04-08T12:00:00Z, -30m or now, or Unix seconds or milliseconds"
)
"""What `moment_ms` reads, for error sentences; docs/cli.md has all forms."""


def moment_ms(text: str, now: int, zone: tzinfo = UTC) -> int | None:
    """The moment that a text names, or `None`; both `now` and the moment in Unix milliseconds.

    A moment is what `start` of a typed action may be, or any other date and time of ISO 8601.
    Without an offset it is in `zone`.
    """
    moment = epoch_ms(text, now, zone)
    return _iso_ms(text, zone) if moment is None else moment


def _iso_ms(text: str, zone: tzinfo) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return round(aware.timestamp() * 1000)
