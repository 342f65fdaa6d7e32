"""The facts of a contract on which peers and callers depend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where something is declared."""

    file: str
    line: int


class Label(Enum):
    """The number of values that a field has; the value is how sentences call it."""

    SINGULAR = "singular"
    OPTIONAL = "optional"
    REPEATED = "repeated"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """The type of one value: a scalar, or the full name of an enum or a message."""

    name: str
    is_enum: bool = False
    is_message: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What a message or an enum does not use again; the ends of ranges are inclusive."""

    names: frozenset[str] = frozenset()
    ranges: tuple[tuple[int, int], ...] = ()

    def has_number(self, number: int) -> bool:
        """Whether a number is reserved."""
        return any(first <= number <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """A field; `key` is the type of the keys if it is a map."""

    name: str
    number: int
    label: Label
    type: Type
    key: str = ""
    json_name: str
    oneof: str = ""
    packed: bool = False
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """A message."""

    fields: Mapping[str, FieldFacts]
    reserved: Reserved
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFacts:
    """A value of an enum."""

    name: str
    number: int
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumFacts:
    """An enum."""

    values: Mapping[str, ValueFacts]
    reserved: Reserved
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFacts:
    """An rpc."""

    request: str
    response: str
    client_streaming: bool = False
    server_streaming: bool = False
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """A service."""

    methods: Mapping[str, MethodFacts]
    deprecated: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A proto file: its package, and the full names of the types and services that it declares."""

    package: str
    names: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A proto file and those that it imports; types and services are found by their full names."""

    files: Mapping[str, FileFacts]
    messages: Mapping[str, MessageFacts]
    enums: Mapping[str, EnumFacts]
    services: Mapping[str, ServiceFacts]

    def short(self, name: str) -> str:
        """Return a full name without its package."""
        for package in sorted({file.package for file in self.files.values()}, key=len)[::-1]:
            if package and name.startswith(f"{package}."):
                return name.removeprefix(f"{package}.")
        return name

    def title(self, field: FieldFacts, *, full: bool = False) -> str:
        """Return the type of a field as the proto spells it, or with its full name."""
        name = field.type.name if full else self.short(field.type.name)
        match field.label:
            case Label.MAP:
                return f"map<{field.key}, {name}>"
            case Label.SINGULAR:
                return name
            case label:
                return f"{label.value} {name}"
