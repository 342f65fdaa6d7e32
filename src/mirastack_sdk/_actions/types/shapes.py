"""What a value looks like to a language model: the schema of one type, as a tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["Choice", "Kind", "Member", "Shape", "TypeShape"]

type Kind = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "array",
    "object",
    "choice",
    "union",
    "reference",
    "any",
    "null",
]

_NO_MEMBERS: Mapping[str, "Member"] = MappingProxyType({})
_NO_SHAPES: Mapping[str, "Shape"] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value that an enumeration or a literal allows.

    `value` is what JSON has, `given` what stands for it in Python, `name` an enumeration member's.
    """

    value: object
    given: object
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One type: what it is made of, and within which limits.

    `format` says which strings are meant ("date-time"). `items` is an array's item, `places` what
    stands at each place of a tuple, `members` and `rest` what an object holds under known names and
    under all others, whose names are `keys`; a named tuple has both places and members. `options`
    are a union's. `target` names the shape that a reference stands for. A `closed` object takes no
    other members than its own; what a `secret` is, is not to be shown.
    """

    kind: Kind
    format: str = ""
    nullable: bool = False
    limits: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    items: "Shape | None" = None
    places: tuple["Shape", ...] = ()
    members: Mapping[str, "Member"] = field(default=_NO_MEMBERS)
    rest: "Shape | None" = None
    keys: "Shape | None" = None
    options: tuple["Shape", ...] = ()
    target: str = ""
    closed: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of an object or a named tuple; `default` is JSON text, empty where there is none."""

    shape: Shape
    required: bool
    default: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeShape:
    """The shape of a whole type, and the shapes that references in it stand for."""

    root: Shape
    named: Mapping[str, Shape] = field(default=_NO_SHAPES)

    def resolve(self, shape: Shape) -> Shape:
        """The shape itself, or what it refers to; nullable if either is."""
        if shape.kind != "reference":
            return shape
        found = shape
        for _ in range(len(self.named) + 1):
            if found.kind != "reference":
                break
            found = self.named[found.target]
        return found

    def is_nullable(self, shape: Shape) -> bool:
        """Whether null is one of the values."""
        return shape.nullable or self.resolve(shape).nullable

    def options(self, shape: Shape) -> tuple[Shape, ...]:
        """Each shape that a value may have, unions within unions taken apart."""
        found = self.resolve(shape)
        if found.kind != "union":
            return (found,)
        return tuple(one for option in found.options for one in self.options(option))

    def holds_secret(self, shape: Shape) -> bool:
        """Whether a shape, or anything within it, is not to be shown."""
        return self._holds_secret(shape, set())

    def _holds_secret(self, shape: Shape, seen: set[str]) -> bool:
        if shape.kind == "reference":
            if shape.target in seen:
                return False
            seen.add(shape.target)
            return self._holds_secret(self.named[shape.target], seen)
        parts = [*shape.places, *shape.options, *(found.shape for found in shape.members.values())]
        parts += [part for part in (shape.items, shape.rest) if part is not None]
        return shape.secret or any(self._holds_secret(part, seen) for part in parts)

    def wire_type(self, shape: Shape) -> str:
        """The one of the six documented types that is closest.

        Values arrive as text, so a union that admits any text is a string; another union is what
        its first option is.
        """
        kinds = [_wire_kind(option) for option in self.options(shape)]
        if set(kinds) == {"integer", "number"}:
            return "number"
        return "string" if "string" in kinds or not kinds else kinds[0]


def _wire_kind(shape: Shape) -> str:
    match shape.kind:
        case "choice":
            return _kind_of_choices(shape.choices)
        case "string" | "integer" | "number" | "boolean" | "array" | "object":
            return shape.kind
        case _:
            return "string"


def _kind_of_choices(choices: tuple[Choice, ...]) -> str:
    kinds = {type(choice.value) for choice in choices}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"
