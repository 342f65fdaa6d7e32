"""The shape of a type: what its values look like in JSON, as a tree."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal

from mirastack_sdk._deferred.dataclasses import dataclass

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
    """One value of an enumeration or a literal.

    `value` is its JSON value, `text` that value as text, `given` the Python object, and `names` the
    names of an enumeration's member, those of aliases last.
    """

    # pydantic may hash what is in a schema, and neither needs to have a hash.
    value: object = field(hash=False)
    given: object = field(hash=False)
    text: str
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The member's own name, or an empty text."""
        return self.names[0] if self.names else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shape of one type, with its limits in words.

    - string: `format` says which strings are allowed ("date-time").
    - choice: `choices`.
    - array: `items`, or for a tuple `prefix_items`, one for each position. A named tuple also has
      its fields as `members`.
    - object: `members` by name; `additional` is the shape of all other members and `keys` that of
      their names. A `closed` object has no other members.
    - union: `options`.
    - reference: `target` is the name of a shape in `TypeShape.named`.

    The value of a `secret` must not appear in logs or errors.
    """

    kind: Kind
    format: str = ""
    nullable: bool = False
    limits: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    items: "Shape | None" = None
    prefix_items: tuple["Shape", ...] = ()
    members: Mapping[str, "Member"] = field(default=_NO_MEMBERS)
    additional: "Shape | None" = None
    keys: "Shape | None" = None
    options: tuple["Shape", ...] = ()
    target: str = ""
    closed: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of an object or a named tuple; `default` is JSON text, empty without a default."""

    shape: Shape
    required: bool
    default: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeShape:
    """The shape of a whole type, and the named shapes that it refers to."""

    root: Shape
    named: Mapping[str, Shape] = field(default=_NO_SHAPES)

    def resolve(self, shape: Shape) -> Shape:
        """The shape itself, or the shape that it refers to."""
        if shape.kind != "reference":
            return shape
        found = shape
        for _ in range(len(self.named) + 1):
            if found.kind != "reference":
                break
            found = self.named[found.target]
        return found

    def is_nullable(self, shape: Shape) -> bool:
        """Whether null is allowed."""
        return shape.nullable or self.resolve(shape).nullable

    def options(self, shape: Shape) -> tuple[Shape, ...]:
        """The shapes that a value may have; nested unions are flattened."""
        found = self.resolve(shape)
        if found.kind != "union":
            return (found,)
        return tuple(one for option in found.options for one in self.options(option))

    def holds_secret(self, shape: Shape) -> bool:
        """Whether a shape is secret or contains a secret."""
        return self._holds_secret(shape, set())

    def _holds_secret(self, shape: Shape, seen: set[str]) -> bool:
        if shape.secret:
            return True
        if shape.kind == "reference":
            if shape.target in seen:
                return False
            seen.add(shape.target)
            return self._holds_secret(self.named[shape.target], seen)
        parts = [
            *shape.prefix_items,
            *shape.options,
            *(found.shape for found in shape.members.values()),
        ]
        parts += [part for part in (shape.items, shape.additional, shape.keys) if part is not None]
        return any(self._holds_secret(part, seen) for part in parts)

    def wire_type(self, shape: Shape) -> str:
        """The closest of the six documented types.

        Values arrive as text, so a union with a string is a string. Any other union has the type of
        its first option.
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
