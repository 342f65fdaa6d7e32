"""The contract as the templates see it: names chosen, comments attached, nothing left to decide."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a field's values are."""

    SCALAR = auto()
    ENUM = auto()
    MESSAGE = auto()


class Label(Enum):
    """How many values a field has."""

    SINGULAR = auto()
    OPTIONAL = auto()
    REPEATED = auto()
    MAP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """The type of one value: a scalar by its proto name, an enum or a message by its own."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: its proto name is its JSON name, its attribute is its Python name.

    A map's keys are strings, and its type is that of its values.
    """

    name: str
    attribute: str
    number: int
    label: Label
    type: Type
    packed: bool
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """A message; its snake name is what its functions are called after."""

    name: str
    snake_name: str
    comment: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumMember:
    """One value of an enum."""

    name: str
    number: int
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType:
    """An enum."""

    name: str
    comment: str
    members: tuple[EnumMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A unary method: its route is its path in a call, its attribute is its Python name.

    `constant` is what it is called in the table of methods.
    """

    name: str
    constant: str
    attribute: str
    route: str
    request: str
    reply: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service."""

    name: str
    comment: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A whole proto file."""

    source: str
    enums: tuple[EnumType, ...]
    messages: tuple[MessageType, ...]
    services: tuple[Service, ...]
