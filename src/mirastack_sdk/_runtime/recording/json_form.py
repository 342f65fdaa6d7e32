"""JSON as it is shown in recordings, where text that is JSON itself is shown as that JSON.

An object with one key that begins with `$` stands for what JSON cannot show otherwise: `$json_text`
for a string that is the JSON beside it without blanks, `$json_dumps` for one as `json.dumps` writes
it, and `$json` for an object that would itself look like one of these.
"""

import json
import math
from collections.abc import Callable, Mapping

from mirastack_sdk._text import compact_json, refuse_constant

JSON, JSON_TEXT, JSON_DUMPS = "$json", "$json_text", "$json_dumps"

DEEPEST = 100
"""How deep JSON may nest in a form; deeper JSON stays text."""

_ENCODERS: Mapping[str, Callable[[object], str]] = {
    JSON_TEXT: compact_json,
    JSON_DUMPS: json.dumps,
}


def parsed(text: str) -> object:
    """The value of JSON text; raises `ValueError` for JSON that a form would not show exactly."""
    try:
        value: object = json.loads(
            text, parse_constant=refuse_constant, object_pairs_hook=_without_repetition
        )
    except RecursionError as error:
        raise ValueError("it nests too deep") from error
    return value


def json_form(value: object, depth: int = 0) -> object:
    """The form of a JSON value; raises `ValueError` if there is none."""
    if depth > DEEPEST:
        raise ValueError("it nests too deep")
    match value:
        case str():
            value.encode()
            return text_form(value, depth)
        case dict():
            form = {key: json_form(item, depth + 1) for key, item in value.items()}
            return {JSON: form} if mark_of(form) else form
        case list():
            return [json_form(item, depth + 1) for item in value]
        case float() if not math.isfinite(value):
            raise ValueError("a number is too large")
        case _:
            return value


def text_form(text: str, depth: int = 0) -> object:
    """The form of a text, which may be JSON."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        value = parsed(text)
        for mark, encoded in _ENCODERS.items():
            if encoded(value) == text:
                return {mark: json_form(value, depth + 1)}
    except (ValueError, RecursionError):
        pass
    return text


def json_value(form: object) -> object:
    """The JSON value of a form."""
    match form:
        case dict():
            mark = mark_of(form)
            if mark in _ENCODERS:
                return _ENCODERS[mark](json_value(form[mark]))
            members = form[JSON] if mark == JSON else form
            return {key: json_value(item) for key, item in members.items()}
        case list():
            return [json_value(item) for item in form]
        case _:
            return form


def mark_of(form: object) -> str:
    """The mark of a part of a form, such as `$json_text`; an empty text if it has none."""
    if isinstance(form, dict) and len(form) == 1:
        key = str(next(iter(form)))
        return key if key.startswith("$") else ""
    return ""


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value
