"""The model of a tree of packages: what templates need, with every Python name chosen."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """The kind of a field's values.

    A `WRAPPED` value is a scalar in a message of its own, so that it can be absent. `TIME` and
    `SPAN` are Google's Timestamp and Duration.
    """

    SCALAR = auto()
    ENUM = auto()
    MESSAGE = auto()
    WRAPPED = auto()
    TIME = auto()
    SPAN = auto()


class Label(Enum):
    """The number of values that a field has; a `MEMBER` of a oneof excludes the others."""

    SINGULAR = auto()
    OPTIONAL = auto()
    REPEATED = auto()
    MAP = auto()
    MEMBER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """The type of one value: `name` is that of the scalar in proto, of the enum or the message.

    `package` is the proto package of an enum or a message, and `function` the end of the names of a
    message's functions in the codecs.
    """

    kind: Kind
    name: str
    package: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: `name` is its name in proto and in JSON, `attribute` its name in Python.

    `key` is the scalar type of a map's keys, whose values have the type `type`. `oneof` is the name
    of the oneof that the field belongs to, or `""`. `go_name` is the name that Go gives the field.
    """

    name: str
    attribute: str
    number: int
    label: Label
    type: Type
    packed: bool
    comment: str
    is_deprecated: bool
    key: str
    oneof: str
    go_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Oneof:
    """A oneof: its names in Python and in Go. Go leaves a hidden one out of its JSON."""

    attribute: str
    go_name: str
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """A message, whose full name in proto is `full_name`; `type` names its class."""

    type: Type
    full_name: str
    comment: str
    is_deprecated: bool
    fields: tuple[Field, ...]
    oneofs: tuple[Oneof, ...]

    @property
    def name(self) -> str:
        """The name of its class."""
        return self.type.name

    @property
    def function(self) -> str:
        """The end of the names of its functions."""
        return self.type.function

    def members(self, oneof: Oneof) -> tuple[Field, ...]:
        """Return the fields of a oneof."""
        return tuple(field for field in self.fields if field.oneof == oneof.attribute)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumMember:
    """One value of an enum."""

    name: str
    number: int
    comment: str
    is_deprecated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType:
    """An enum; `type` names its class."""

    type: Type
    full_name: str
    comment: str
    is_deprecated: bool
    members: tuple[EnumMember, ...]

    @property
    def name(self) -> str:
        """The name of its class."""
        return self.type.name


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
    request: Type
    response: Type
    client_streaming: bool
    server_streaming: bool
    comment: str
    is_deprecated: bool

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
    """A service; `class_name` is the start of the names of its classes."""

    name: str
    class_name: str
    comment: str
    is_deprecated: bool
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All files of one proto package; `folders` is its place in the generated tree."""

    name: str
    folders: tuple[str, ...]
    sources: tuple[str, ...]
    enums: tuple[EnumType, ...]
    messages: tuple[MessageType, ...]
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """All packages; the first one is at the root. Packages use the `shared` messages of others."""

    packages: tuple[Package, ...]
    shared: frozenset[Type]
