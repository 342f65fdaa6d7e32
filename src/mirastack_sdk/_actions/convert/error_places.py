"""The places of pydantic's errors in a value, each with the value and the shape at its path."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mirastack_sdk._actions.convert.value_reader import Path
from mirastack_sdk._actions.types.shapes import Shape, TypeShape
from mirastack_sdk._deferred.dataclasses import dataclass

type ErrorKind = Literal["wrong", "wrong_key", "missing", "unexpected", "validator"]

_KINDS: Mapping[str, ErrorKind] = {
    "missing": "missing",
    "missing_argument": "missing",
    "missing_keyword_only_argument": "missing",
    "extra_forbidden": "unexpected",
    "unexpected_keyword_argument": "unexpected",
    "unexpected_positional_argument": "unexpected",
    "value_error": "validator",
    "assertion_error": "validator",
}
"""The kinds of pydantic's error types; all others mean a wrong value."""
_DISCRIMINATOR_KINDS: Mapping[str, ErrorKind] = {
    "union_tag_not_found": "missing",
    "union_tag_invalid": "wrong",
}
"""The kinds of errors in the discriminator of a union."""
_KEY_ERROR = "[key]"
_LITERAL_ERROR = "literal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of an error, with the value and the shape there; a `secret` value is not shown.

    For an error in one option of a union, `union` is the path of the union and `option` is
    pydantic's name for the option.
    """

    path: Path
    value: object
    shape: Shape | None
    kind: ErrorKind
    details: ErrorDetails
    union: Path = ()
    option: str = ""
    secret: bool = False


def errors_of(error: ValidationError) -> list[ErrorDetails]:
    """The details of pydantic's errors."""
    return error.errors(include_url=False, include_context=True)


def error_kind(details: ErrorDetails) -> ErrorKind:
    """The kind of an error; each kind has its own sentence."""
    return _KINDS.get(details["type"], "wrong")


def places(
    value: object, type_shape: TypeShape, errors: Iterable[ErrorDetails]
) -> dict[Path, list[Place]]:
    """The errors of a value by path; for a union, those of the option that was probably meant."""
    found = [
        _at_discriminator(_locate(value, type_shape, details), type_shape) for details in errors
    ]
    by_path: dict[Path, list[Place]] = {}
    for place in _without_other_options(value, type_shape, found):
        by_path.setdefault(place.path, []).append(place)
    return {
        path: group
        for path, group in by_path.items()
        if not (group[0].option and _has_deeper_errors(path, by_path))
    }


def inner_value(value: object, part: str | int) -> object:
    """The member or item of a value, or `None`."""
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def inner_shape(type_shape: TypeShape, shape: Shape, part: str | int) -> Shape | None:
    """The shape of a member or item, if it is known."""
    for option in type_shape.options(shape):
        if isinstance(part, int) and option.kind == "array":
            return option.prefix_items[part] if part < len(option.prefix_items) else option.items
        if isinstance(part, str) and part in option.members:
            return option.members[part].shape
        if option.kind == "object" and option.additional is not None:
            return option.additional
    return None


def _locate(value: object, type_shape: TypeShape, details: ErrorDetails) -> Place:
    """The place that an error's location leads to.

    A part of the location that is not in the value is pydantic's name for an option of a union.
    """
    path: Path = ()
    shape: Shape | None = type_shape.root
    holder: Shape | None = None
    union: Path = ()
    option = ""
    kind = error_kind(details)
    secret = False
    for at, part in enumerate(details["loc"], 1):
        is_last = at == len(details["loc"])
        if _has(value, part) or (is_last and kind == "missing"):
            holder, path = shape, (*path, part)
            secret = secret or _is_secret(holder)
            value = inner_value(value, part)
            shape = None if shape is None else inner_shape(type_shape, shape, part)
        elif is_last and part == _KEY_ERROR and path:
            value, shape, kind = path[-1], _keys(type_shape, holder), "wrong_key"
        elif not option:
            union, option = path, str(part)
    return Place(
        secret=secret or _may_hold_secret(type_shape, shape if kind != "unexpected" else holder),
        path=path,
        value=value,
        shape=shape,
        kind=kind,
        details=details,
        union=union,
        option=option,
    )


def _is_secret(shape: Shape | None) -> bool:
    return shape is not None and shape.secret


def _may_hold_secret(type_shape: TypeShape, shape: Shape | None) -> bool:
    return type_shape.holds_secret(shape or type_shape.root)


def _has(value: object, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _keys(type_shape: TypeShape, holder: Shape | None) -> Shape | None:
    options = type_shape.options(holder) if holder is not None else ()
    return next((option.keys for option in options if option.keys is not None), None)


def _at_discriminator(place: Place, type_shape: TypeShape) -> Place:
    """The place of the discriminator, if the error is about the discriminator of a union."""
    kind = _DISCRIMINATOR_KINDS.get(place.details["type"])
    if kind is None or place.shape is None:
        return place
    tag = str(place.details.get("ctx", {}).get("discriminator", "")).strip("'")
    options = [option for option in type_shape.options(place.shape) if tag in option.members]
    shapes = [
        shape for option in options for shape in type_shape.options(option.members[tag].shape)
    ]
    choices = tuple(choice for shape in shapes for choice in shape.choices)
    if not choices:
        return place
    return Place(
        secret=type_shape.holds_secret(type_shape.root),
        path=(*place.path, tag),
        value=inner_value(place.value, tag),
        shape=Shape(kind="choice", choices=choices),
        kind=kind,
        details=place.details,
    )


def _without_other_options(
    value: object, type_shape: TypeShape, found: Sequence[Place]
) -> Iterator[Place]:
    """The errors without those of options that were not meant.

    An option with another discriminator or other member names was not meant. If several options
    remain, the union as a whole is reported once, because their errors contradict each other.
    """
    meant = {union: _likely_options(union, found) for union in {place.union for place in found}}
    reported = set[Path]()
    for place in found:
        options = meant[place.union] if place.option else set()
        if len(options) <= 1:
            if not options or place.option in options:
                yield place
        elif place.union not in reported:
            reported.add(place.union)
            yield _whole_union(value, type_shape, place)


def _likely_options(union: Path, found: Sequence[Place]) -> set[str]:
    """The options that were probably meant: those with the same discriminator and members."""
    inside = [place for place in found if place.option and place.union == union]
    entered = {place.option for place in inside if len(place.path) > len(union)}
    of_other_kinds = {place.option for place in inside if place.details["type"] == _LITERAL_ERROR}
    of_other_names = {place.option for place in inside if place.kind in {"missing", "unexpected"}}
    meant = entered - of_other_kinds or entered
    return meant - of_other_names or meant


def _whole_union(value: object, type_shape: TypeShape, place: Place) -> Place:
    """The place of the whole union that a place is in."""
    shape: Shape | None = type_shape.root
    for part in place.union:
        value = inner_value(value, part)
        shape = None if shape is None else inner_shape(type_shape, shape, part)
    secret = place.secret or _may_hold_secret(type_shape, shape)
    return Place(
        path=place.union,
        value=value,
        shape=shape,
        kind="wrong",
        details=place.details,
        secret=secret,
    )


def _has_deeper_errors(path: Path, found: Mapping[Path, object]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in found)
