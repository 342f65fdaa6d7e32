"""The model of the contract: what templates need, with every Python name chosen."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """The kind of a field's values."""

    SCALAR = auto()
    ENUM = auto()
    MESSAGE = auto()


class Label(Enum):
    """The number of values that a field has."""

    SINGULAR = auto()
    OPTIONAL = auto()
    REPEATED = auto()
    MAP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """The type of one value; `name` is that of the scalar in proto, of the enum or the message."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: `name` is its name in proto and in JSON, `attribute` its name in Python.

    The keys of a map are strings, and `type` is the type of its values.
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
    """A message; the functions of the codecs are named after `snake_name`."""

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
    """A method: `route` is its HTTP/2 path, `attribute` its name in Python.

    `constant` is the name of its `Method` in the generated module. The request, the response or
    both may be streams of messages.
    """

    name: str
    constant: str
    attribute: str
    route: str
    request: str
    response: str
    client_streaming: bool
    server_streaming: bool
    comment: str

    @property
    def kind(self) -> str:
        """The kind of its request and its response, as in grpcio: `unary_stream`."""
        sides = (self.client_streaming, self.server_streaming)
        return "_".join("stream" if streaming else "unary" for streaming in sides)

    @property
    def handler(self) -> str:
        """The class in `_wire/codec/methods.py` that pairs it with a function."""
        is_unary = self.kind == "unary_unary"
        return "Handler" if is_unary else f"{self.kind.title().replace('_', '')}Handler"


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
