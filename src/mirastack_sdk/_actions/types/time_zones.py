"""The time zones that `Timezone` of annotated-types demands, which pydantic does not check."""

import typing
from collections.abc import Callable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, NaiveDatetime


class UnusableLimitError(Exception):
    """A limit that a type cannot have, or that nothing would check; the text says which."""


def zoned(inner: object, metadata: tuple[object, ...]) -> tuple[object, tuple[object, ...]]:
    """A type and its metadata, with what pydantic checks in place of a `Timezone`.

    Raises `UnusableLimitError` for one that nothing can have.
    """
    zone = next((found for found in metadata if _is_zone(found)), None)
    if zone is None:
        return inner, metadata
    options = typing.get_args(inner) or (inner,)
    if set(options) - {type(None)} != {datetime}:
        raise UnusableLimitError("Timezone applies to datetime only")
    kind = _checked_kind(getattr(zone, "tz", ...))
    rest = tuple(found for found in metadata if found is not zone)
    return (kind if options == (inner,) else typing.Union[kind, None]), rest  # noqa: UP007 - of run time


def _checked_kind(wanted: object) -> object:
    if wanted is None:
        return NaiveDatetime
    if isinstance(wanted, str):
        try:
            wanted = ZoneInfo(wanted)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnusableLimitError(f"there is no time zone {wanted}") from error
    if not isinstance(wanted, tzinfo):
        return AwareDatetime
    return typing.Annotated[AwareDatetime, AfterValidator(_in_zone(wanted))]


def refuse_unchecked(name: str, hint: object) -> None:
    """Raise `UnusableLimitError` for a field whose time zone nothing checks."""
    metadata: tuple[object, ...] = getattr(hint, "__metadata__", ())
    if any(map(_is_zone, metadata)):
        raise UnusableLimitError(
            f"pydantic ignores the Timezone of the field {name}: use AwareDatetime or NaiveDatetime"
        )
    for argument in typing.get_args(hint):
        refuse_unchecked(name, argument)


def _is_zone(found: object) -> bool:
    kind = type(found)
    return kind.__name__ == "Timezone" and kind.__module__ == "annotated_types"


def _in_zone(zone: tzinfo) -> Callable[[datetime], datetime]:
    def in_zone(moment: datetime) -> datetime:
        return moment.astimezone(zone)

    return in_zone
