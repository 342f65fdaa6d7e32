"""What is wrong with a parameter, in sentences that a language model can act on."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mirastack_sdk._actions.reading import Path
from mirastack_sdk._actions.shape_text import shape_text
from mirastack_sdk._actions.shapes import Shape, TypeShape
from mirastack_sdk._core.redaction import clean
from mirastack_sdk._core.text import well_formed

__all__ = [
    "AUTHORS_TYPES",
    "MISSING_TYPES",
    "authors_text",
    "closest",
    "complaints",
    "errors_of",
    "expected",
    "required",
    "shown",
    "shown_path",
    "wrong_value",
]

MOST_SHOWN = 80
"""Characters of a wrong value that are shown, at most."""
_MOST_EXPECTED = 400
_MOST_OF_A_KEY = 40

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

MISSING_TYPES = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})
_SURPLUS_TYPES = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
AUTHORS_TYPES = frozenset({"value_error", "assertion_error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an error is: its path, and the value and the shape that stand there."""

    path: Path
    value: object
    shape: Shape | None
    by_option: bool


def complaints(
    name: str, value: object, of: TypeShape, errors: Iterable[ErrorDetails]
) -> list[str]:
    """One sentence for each thing that is wrong with `value`, which was read for `name`."""
    found: dict[Path, list[tuple[_Place, ErrorDetails]]] = {}
    for details in errors:
        place = _located(value, of, details)
        found.setdefault(place.path, []).append((place, details))
    return [
        sentence
        for path, here in found.items()
        if not (here[0][0].by_option and _holds_deeper(path, found))
        for sentence in dict.fromkeys(_sentences(name, of, here))
    ]


def errors_of(error: ValidationError) -> list[ErrorDetails]:
    """What pydantic says is wrong, part by part."""
    return error.errors(include_url=False, include_context=True)


def wrong_value(name: str, path: Path, value: object, of: TypeShape) -> str:
    """The sentence for a value that has the wrong type at a place."""
    current, shape = value, of.root
    for part in path:
        current, shape = _step(current, part), _inner(of, shape, part) or Shape(kind="any")
    return _expected(shown_path(name, path), shape, current, of)


def required(name: str, of: TypeShape) -> str:
    """The sentence for a parameter that is missing."""
    return f"{name} is required: expected {expected(of)}"


def expected(of: TypeShape) -> str:
    """What a value of a type must be, in at most 400 characters."""
    return _shortened(shape_text(of.root, of))


def shown_path(name: str, path: Path) -> str:
    """A place as an author writes it: `filters[0].field`."""
    return name + "".join(
        f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path
    )


def _key(part: str) -> str:
    text = _CONTROLS.sub("\ufffd", well_formed(part))
    return text if len(text) <= _MOST_OF_A_KEY else text[: _MOST_OF_A_KEY - 1] + "…"


def shown(value: object) -> str:
    """A value in one line of at most 80 characters."""
    text = _CONTROLS.sub("\ufffd", well_formed(_as_text(value)))
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def _sentences(
    name: str, of: TypeShape, here: Sequence[tuple[_Place, ErrorDetails]]
) -> Iterator[str]:
    for place, details in here:
        where = shown_path(name, place.path)
        shape = place.shape or Shape(kind="any")
        if details["type"] in MISSING_TYPES:
            yield f"{where} is required: expected {_shortened(shape_text(shape, of))}"
        elif details["type"] in _SURPLUS_TYPES:
            yield f"{where} is unknown here, got {shown(place.value)}"
        elif details["type"] in AUTHORS_TYPES:
            yield f"{where}: {authors_text(details)}, got {shown(place.value)}"
        else:
            yield _expected(where, shape, place.value, of)


def _expected(where: str, shape: Shape, value: object, of: TypeShape) -> str:
    sentence = f"{where}: expected {_shortened(shape_text(shape, of))}, got {shown(value)}"
    texts = [choice.text for option in of.options(shape) for choice in option.choices]
    if isinstance(value, str) and (near := closest(value, texts)):
        sentence += f"; did you mean {near}?"
    return sentence


def closest(word: str, words: Iterable[str]) -> str:
    """The one of `words` that `word` is most likely meant to be, or nothing."""
    folded = {candidate.casefold(): candidate for candidate in words}
    found = difflib.get_close_matches(word[:MOST_SHOWN].casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def authors_text(details: ErrorDetails) -> str:
    """What an author's own validator has said, cleaned."""
    raised: object = details.get("ctx", {}).get("error", details["msg"])
    return clean(str(raised)).rstrip(".") or "not allowed"


def _located(value: object, of: TypeShape, details: ErrorDetails) -> _Place:
    """Follow an error's location through the value; what leads nowhere names a union's option."""
    path: Path = ()
    shape: Shape | None = of.root
    by_option = False
    last = len(details["loc"]) - 1
    for at, part in enumerate(details["loc"]):
        inner = None if shape is None else _inner(of, shape, part)
        missing = at == last and details["type"] in MISSING_TYPES
        if _has(value, part) or missing:
            path, value, shape = (*path, part), _step(value, part), inner
        else:
            by_option = True
    return _Place(path=path, value=value, shape=shape, by_option=by_option)


def _holds_deeper(path: Path, found: Mapping[Path, object]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in found)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _step(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _inner(of: TypeShape, shape: Shape, part: str | int) -> Shape | None:
    for option in of.options(shape):
        if isinstance(part, int) and option.kind == "array":
            return option.places[part] if part < len(option.places) else option.items
        if isinstance(part, str) and part in option.members:
            return option.members[part].shape
        if isinstance(part, str) and option.rest is not None:
            return option.rest
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_EXPECTED else text[: _MOST_EXPECTED - 1] + "…"


def _as_text(value: object) -> str:
    writer = next((write for kinds, write in _WRITERS if isinstance(value, kinds)), repr)
    try:
        return writer(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"


def _quoted(value: object) -> str:
    return json.dumps(str(value)[: MOST_SHOWN + 1], ensure_ascii=False)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_WRITERS: tuple[tuple[tuple[type, ...], Callable[[object], str]], ...] = (
    ((str, datetime, date, time, timedelta), _quoted),
    ((bool, int, float, list, dict, type(None)), _json),
)
