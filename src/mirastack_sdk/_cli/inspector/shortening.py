"""Shortening: what is kept of messages that may be large."""

from collections.abc import Mapping
from itertools import islice

_MOST_CHARACTERS = 4096
_MOST_ITEMS = 200


def shortened(value: object) -> object:
    """The JSON value with long texts and lists cut; the end says how much is missing."""
    shown: object = value
    match value:
        case str() if len(value) > _MOST_CHARACTERS:
            missing = len(value) - _MOST_CHARACTERS
            shown = f"{value[:_MOST_CHARACTERS]}… ({missing} more characters)"
        case list():
            shown = [shortened(item) for item in value[:_MOST_ITEMS]]
            if len(value) > _MOST_ITEMS:
                shown = [*shown, f"… ({len(value) - _MOST_ITEMS} more items)"]
        case Mapping():
            shown = {key: shortened(item) for key, item in islice(value.items(), _MOST_ITEMS)}
            if len(value) > _MOST_ITEMS:
                shown = {**shown, "…": f"{len(value) - _MOST_ITEMS} more members"}
        case _:
            pass
    return shown
