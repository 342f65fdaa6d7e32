"""The conversion of pydantic's JSON schemas to shapes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mirastack_sdk._actions.types.shapes import Choice, Kind, Member, Shape, TypeShape
from mirastack_sdk._text import compact_json

type Schema = Mapping[str, object]

CHOICES = "x-choices"
"""Our key in the schema of an enumeration or a literal: its values as `Choice`, in order."""
CLOSED = "x-closed"
"""Our key in an object's schema: whether members that it does not list are errors."""
KEYS = "x-keys"
"""Our key in a dictionary's schema: the schema of its keys."""
FIELD_NAMES = "x-field-names"
"""Our key in a named tuple's schema: the names of its fields, in order."""
LIMITS = "x-limits"
"""Our key in the schema of any type: its limits in words, beside those that have a keyword."""

_PLAIN: Mapping[str, Kind] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}

_LIMITS: tuple[tuple[str, str], ...] = (
    ("minimum", ">= {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "<= {}"),
    ("exclusiveMaximum", "< {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("pattern", "matching {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("minProperties", "at least {} entries"),
    ("maxProperties", "at most {} entries"),
)
"""Keywords of JSON Schema that limit values, and the words for each limit."""

_SINGULAR: Mapping[str, str] = {"characters": "character", "items": "item", "entries": "entry"}

_COUNTED: Mapping[object, Mapping[str, str]] = {
    "array": {"minLength": "minItems", "maxLength": "maxItems"},
    "object": {"minLength": "minProperties", "maxLength": "maxProperties"},
}
"""The keywords for the lengths of a type, by those that pydantic uses for a union with it."""

_SEVERAL = ("anyOf", "oneOf", "allOf")
_REFERENCE = "#/$defs/"


def type_shape(schema: Schema) -> TypeShape:
    """The shape of a whole JSON schema, with its definitions."""
    named = {name: _shape(_schema(found)) for name, found in _entries(schema.get("$defs"))}
    return TypeShape(root=_shape(schema), named=named)


def _shape(schema: Schema) -> Shape:
    shape = _any_shape(schema)
    return replace(shape, secret=True) if schema.get("writeOnly") is True else shape


def _any_shape(schema: Schema) -> Shape:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = reference.removeprefix(_REFERENCE)
        return Shape(kind="reference", target=target, limits=tuple(_limits(schema)))
    if several := next((schema[key] for key in _SEVERAL if key in schema), None):
        options = [
            _shape(_limited_option(_schema(option), schema)) for option in _sequence(several)
        ]
        return _union(options)
    if CHOICES in schema:
        return replace(_choice(_sequence(schema[CHOICES])), limits=tuple(_limits(schema)))
    return _plain(schema)


def _limited_option(option: Schema, union: Schema) -> Schema:
    """An option with the limits of its whole union, which apply to each option."""
    if option.get("type") == "null":
        return option
    limits = {key: union[key] for key, _ in _LIMITS if key in union}
    for plain, counted in _COUNTED.get(option.get("type"), {}).items():
        if plain in limits:
            limits[counted] = limits.pop(plain)
    words = [*_sequence(option.get(LIMITS, ())), *_sequence(union.get(LIMITS, ()))]
    return {**option, **limits, **({LIMITS: words} if words else {})}


def _plain(schema: Schema) -> Shape:
    limits = tuple(_limits(schema))
    if _format(schema) == "json":
        items = _shape(_schema(schema.get("items")))
        return Shape(kind="string", format="json", limits=limits, items=items)
    match schema.get("type"):
        case "array":
            return _array(schema, limits)
        case "object":
            return _object(schema, limits)
        case str(name) if name in _PLAIN:
            return Shape(kind=_PLAIN[name], format=_format(schema), limits=limits)
        case _:
            return Shape(kind="any")


def _format(schema: Schema) -> str:
    is_json = schema.get("contentMediaType") == "application/json"
    return "json" if is_json else str(schema.get("format", ""))


def _union(options: Sequence[Shape]) -> Shape:
    nullable = any(option.kind == "null" or option.nullable for option in options)
    real = tuple(option for option in _each_once(options) if option.kind != "null")
    if len(real) == 1:
        return replace(real[0], nullable=nullable or real[0].nullable)
    if not real:
        return Shape(kind="null", nullable=True)
    return Shape(kind="union", options=real, nullable=nullable)


def _each_once(options: Sequence[Shape]) -> Iterator[Shape]:
    """The options without duplicates; shapes contain dictionaries, so they cannot be hashed."""
    seen: list[Shape] = []
    for option in options:
        if option not in seen:
            seen.append(option)
            yield option


def _choice(given: Sequence[object]) -> Shape:
    choices = tuple(choice for choice in given if isinstance(choice, Choice))
    return Shape(
        kind="choice",
        choices=tuple(choice for choice in choices if choice.value is not None),
        nullable=any(choice.value is None for choice in choices),
    )


def _array(schema: Schema, limits: tuple[str, ...]) -> Shape:
    prefix_items = [_schema(item) for item in _sequence(schema.get("prefixItems", ()))]
    names = [str(name) for name in _sequence(schema.get(FIELD_NAMES, ()))]
    required = names[: _whole(schema.get("minItems"))]
    items = schema.get("items")
    return Shape(
        kind="array",
        items=_shape(_schema(items)) if items else None,
        prefix_items=tuple(map(_shape, prefix_items)),
        members={
            name: _member(item, required=name in required)
            for name, item in zip(names, prefix_items, strict=False)
        },
        # The items of a tuple already show its length.
        limits=() if prefix_items else limits,
    )


def _object(schema: Schema, limits: tuple[str, ...]) -> Shape:
    required = set(_sequence(schema.get("required", ())))
    members = {
        name: _member(_schema(found), required=name in required)
        for name, found in _entries(schema.get("properties"))
    }
    return Shape(
        kind="object",
        members=members,
        additional=_additional(schema.get("additionalProperties")),
        keys=_shape(_schema(schema[KEYS])) if KEYS in schema else None,
        limits=limits,
        closed=bool(schema.get(CLOSED)),
    )


def _additional(allowed: object) -> Shape | None:
    if isinstance(allowed, dict):
        return _shape(allowed)
    return Shape(kind="any") if allowed is True else None


def _member(schema: Schema, *, required: bool) -> Member:
    return Member(
        shape=_shape(schema),
        required=required,
        default=compact_json(schema["default"]) if "default" in schema else "",
        description=" ".join(str(schema.get("description", "")).split()),
    )


def _limits(schema: Schema) -> Iterable[str]:
    for key, sentence in _LIMITS:
        if key in schema:
            words = sentence.format(schema[key]).split(" ")
            if schema[key] == 1:
                words = [_SINGULAR.get(word, word) for word in words]
            yield " ".join(words)
    yield from map(str, _sequence(schema.get(LIMITS, ())))


def _schema(value: object) -> Schema:
    return value if isinstance(value, dict) else {}


def _entries(value: object) -> Iterator[tuple[str, object]]:
    yield from _schema(value).items()


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
