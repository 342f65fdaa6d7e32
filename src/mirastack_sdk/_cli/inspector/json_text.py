"""JSON for the page: always valid, whatever an agent has sent."""

import json
import math
from collections.abc import Mapping, Sequence


def json_text(value: object) -> str:
    """The value as JSON in ASCII; what JSON cannot express becomes text."""
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(_expressible(value), allow_nan=False)


def _expressible(value: object, depth: int = 0) -> object:
    shown: object = str(value)
    match value:
        case None | bool() | int() | str():
            shown = value
        case float() if math.isfinite(value):
            shown = value
        case _ if depth >= 100:
            shown = "[nested too deeply]"
        case Mapping():
            shown = {str(name): _expressible(item, depth + 1) for name, item in value.items()}
        case Sequence() if not isinstance(value, bytes):
            shown = [_expressible(item, depth + 1) for item in value]
        case _:
            pass
    return shown
