"""The errors of parameters, as sentences with which a language model can correct itself."""

import base64
import difflib
import enum
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pydantic_core import ErrorDetails

from mirastack_sdk._actions.convert.error_places import Place, inner_shape, inner_value, places
from mirastack_sdk._actions.convert.secret_parts import (
    HIDDEN,
    secret_texts,
    without_secrets,
)
from mirastack_sdk._actions.convert.value_reader import Path
from mirastack_sdk._actions.types.in_words import in_words
from mirastack_sdk._actions.types.shapes import Shape, TypeShape
from mirastack_sdk._core.redaction.clean import clean
from mirastack_sdk._text import shortened, well_formed

MOST_SHOWN = 80
"""The maximum length of a wrong value in a sentence, in characters."""
_MOST_EXPECTED = 400
_MOST_OF_A_KEY = 40

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class ParameterError(Exception):
    """Parameters that cannot be used; `sentences` has one sentence for each error."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = list(sentences)


def parameter_errors(
    name: str, value: object, type_shape: TypeShape, errors: Iterable[ErrorDetails]
) -> list[str]:
    """One sentence for each of pydantic's errors in `value`, which was read for `name`."""
    found = [
        sentence
        for here in places(value, type_shape, errors).values()
        for sentence in dict.fromkeys(_sentence(name, type_shape, place) for place in here)
    ]
    return without_secrets(secret_texts(value, type_shape), found)


def wrong_value_error(name: str, path: Path, value: object, type_shape: TypeShape) -> str:
    """The sentence for a value that has the wrong type at a path."""
    current, shape = value, type_shape.root
    secret = False
    for part in path:
        secret = secret or shape.secret
        shape = inner_shape(type_shape, shape, part) or Shape(kind="any")
        current = inner_value(current, part)
    secret = secret or type_shape.holds_secret(shape)
    return _expected(path_text(name, path), shape, current, type_shape, secret=secret)


def missing_error(name: str, type_shape: TypeShape) -> str:
    """The sentence for a parameter that is missing."""
    return f"{name} is required: expected {expected_text(type_shape)}"


def expected_text(type_shape: TypeShape, shape: Shape | None = None) -> str:
    """The description of a type's values, or of a part of it, in at most 400 characters."""
    return shortened(in_words(shape or type_shape.root, type_shape), _MOST_EXPECTED)


def path_text(name: str, path: Path) -> str:
    """A path as Python writes it: `filters[0].field`."""
    return name + "".join(
        f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path
    )


def _key(part: str) -> str:
    return shortened(_CONTROLS.sub("\ufffd", well_formed(part)), _MOST_OF_A_KEY)


def preview(value: object) -> str:
    """A value in one line of at most 80 characters."""
    return shortened(_CONTROLS.sub("\ufffd", well_formed(_as_text(value))), MOST_SHOWN)


def _sentence(name: str, type_shape: TypeShape, place: Place) -> str:
    where, shape = path_text(name, place.path), place.shape or Shape(kind="any")
    match place.kind:
        case "missing":
            return f"{where} is required: expected {expected_text(type_shape, shape)}"
        case "unexpected":
            return f"{where} is not allowed here, got {_shown(place)}"
        case "validator":
            return f"{where}: {validator_message(place.details)}, got {_shown(place)}"
        case "wrong_key":
            role, secret = " as the key", place.secret
            return _expected(where, shape, place.value, type_shape, role=role, secret=secret)
        case "wrong":
            return _expected(where, shape, place.value, type_shape, secret=place.secret)


def _shown(place: Place) -> str:
    return HIDDEN if place.secret else preview(place.value)


def _expected(
    where: str,
    shape: Shape,
    value: object,
    type_shape: TypeShape,
    *,
    role: str = "",
    secret: bool,
) -> str:
    expected = f"{where}: expected {expected_text(type_shape, shape)}{role}"
    if secret:
        return f"{expected}, got {HIDDEN}"
    sentence = f"{expected}, got {preview(value)}"
    choices = [choice for option in type_shape.options(shape) for choice in option.choices]
    texts = [choice.text if isinstance(choice.value, str) else choice.name for choice in choices]
    if isinstance(value, str) and (near := closest(value, texts)):
        sentence += f"; did you mean {near}?"
    return sentence


def closest(word: str, words: Iterable[str]) -> str:
    """The one of `words` that is most similar to `word`, or an empty text."""
    folded = {candidate.casefold(): candidate for candidate in words}
    found = difflib.get_close_matches(word[:MOST_SHOWN].casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def validator_message(details: ErrorDetails) -> str:
    """The message of the author's own validator, without secrets and addresses."""
    raised: object = details.get("ctx", {}).get("error", details["msg"])
    return clean(str(raised)).rstrip(".") or "not allowed"


def _as_text(value: object) -> str:
    if isinstance(value, enum.Enum):
        return _as_text(value.value)
    writer = next((write for kinds, write in _WRITERS if isinstance(value, kinds)), repr)
    try:
        return writer(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"


def _quoted(value: object) -> str:
    return json.dumps(str(value)[: MOST_SHOWN + 1], ensure_ascii=False)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _base64(value: object) -> str:
    data = value if isinstance(value, bytes) else b""
    return _quoted(base64.b64encode(data[: MOST_SHOWN + 1]).decode())


_WRITERS: tuple[tuple[tuple[type, ...], Callable[[object], str]], ...] = (
    ((str, datetime, date, time, timedelta), _quoted),
    ((Decimal,), str),
    ((bytes,), _base64),
    ((bool, int, float, list, dict, type(None)), _json),
)
