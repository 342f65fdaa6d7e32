"""The facts of a contract, taken from the descriptors of its files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from codegen.compatibility.facts import (
    ContractFacts,
    EnumFacts,
    FieldFacts,
    FileFacts,
    Label,
    MessageFacts,
    MethodFacts,
    Place,
    Reserved,
    ServiceFacts,
    Type,
    ValueFacts,
)

# Google's own files never change incompatibly, and are not ours to guard.
GOOGLE = "google/protobuf/"

_LAST_NUMBER = 2**29 - 1
_SIZED = {
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_BYTES,
    FieldDescriptorProto.TYPE_MESSAGE,
}

# Field numbers of the lists in descriptor.proto, which make up the path of a location.
_PACKAGE = (2,)
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4
_VALUES = _METHODS = 2

type Path = tuple[int, ...]


def describe(descriptors: FileDescriptorSet) -> ContractFacts:
    """Return the facts of the files, except Google's own."""
    files = [_File(file) for file in descriptors.file if not file.name.startswith(GOOGLE)]
    entries = {
        name: message
        for file in files
        for name, message, _ in file.messages()
        if message.options.map_entry
    }
    return ContractFacts(
        files={
            file.descriptor.name: FileFacts(
                package=file.descriptor.package,
                names=tuple(file.names()),
                place=file.place(_PACKAGE),
            )
            for file in files
        },
        messages={
            name: file.message(message, path, entries)
            for file in files
            for name, message, path in file.messages()
            if name not in entries
        },
        enums={name: file.enum(enum, path) for file in files for name, enum, path in file.enums()},
        services={
            file.full(service.name): file.service(service, (_SERVICES, index))
            for file in files
            for index, service in enumerate(file.descriptor.service)
        },
    )


def default_json_name(name: str) -> str:
    """Return the JSON name that protoc gives a field without the option."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


class _File:
    """A file, whose constructs are found with their paths."""

    def __init__(self, descriptor: FileDescriptorProto) -> None:
        self.descriptor = descriptor
        self._lines = {
            tuple(location.path): location.span[0] + 1
            for location in descriptor.source_code_info.location
        }

    def full(self, name: str) -> str:
        return f"{self.descriptor.package}.{name}".removeprefix(".")

    def place(self, path: Path) -> Place:
        for length in range(len(path), 0, -1):
            if (line := self._lines.get(path[:length])) is not None:
                return Place(file=self.descriptor.name, line=line)
        return Place(file=self.descriptor.name, line=1)

    def names(self) -> Iterator[str]:
        yield from (name for name, message, _ in self.messages() if not message.options.map_entry)
        yield from (name for name, _, _ in self.enums())
        yield from (self.full(service.name) for service in self.descriptor.service)

    def messages(self) -> Iterator[tuple[str, DescriptorProto, Path]]:
        """Iterate over the messages and those within them."""
        waiting: list[tuple[str, DescriptorProto, Path]] = [
            (self.full(message.name), message, (_MESSAGES, index))
            for index, message in enumerate(self.descriptor.message_type)
        ]
        while waiting:
            name, message, path = waiting.pop(0)
            yield name, message, path
            waiting[:0] = [
                (f"{name}.{nested.name}", nested, (*path, _NESTED, index))
                for index, nested in enumerate(message.nested_type)
            ]

    def enums(self) -> Iterator[tuple[str, EnumDescriptorProto, Path]]:
        """Iterate over the enums and those within messages."""
        for index, enum in enumerate(self.descriptor.enum_type):
            yield self.full(enum.name), enum, (_ENUMS, index)
        for name, message, path in self.messages():
            for index, enum in enumerate(message.enum_type):
                yield f"{name}.{enum.name}", enum, (*path, _NESTED_ENUMS, index)

    def message(
        self, message: DescriptorProto, path: Path, entries: Mapping[str, DescriptorProto]
    ) -> MessageFacts:
        oneofs = [oneof.name for oneof in message.oneof_decl]
        return MessageFacts(
            fields={
                field.name: _field(field, entries, oneofs, self.place((*path, _FIELDS, index)))
                for index, field in enumerate(message.field)
            },
            # The end of a message's range is exclusive, that of an enum's inclusive.
            reserved=_reserved(
                message.reserved_name,
                [(item.start, min(item.end - 1, _LAST_NUMBER)) for item in message.reserved_range],
            ),
            deprecated=message.options.deprecated,
            place=self.place(path),
        )

    def enum(self, enum: EnumDescriptorProto, path: Path) -> EnumFacts:
        return EnumFacts(
            values={
                value.name: ValueFacts(
                    name=value.name,
                    number=value.number,
                    deprecated=value.options.deprecated,
                    place=self.place((*path, _VALUES, index)),
                )
                for index, value in enumerate(enum.value)
            },
            reserved=_reserved(
                enum.reserved_name, [(item.start, item.end) for item in enum.reserved_range]
            ),
            deprecated=enum.options.deprecated,
            place=self.place(path),
        )

    def service(self, service: ServiceDescriptorProto, path: Path) -> ServiceFacts:
        return ServiceFacts(
            methods={
                method.name: _method(method, self.place((*path, _METHODS, index)))
                for index, method in enumerate(service.method)
            },
            deprecated=service.options.deprecated,
            place=self.place(path),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What a field holds."""

    label: Label
    key: str = ""
    value: FieldDescriptorProto


def _field(
    field: FieldDescriptorProto,
    entries: Mapping[str, DescriptorProto],
    oneofs: Sequence[str],
    place: Place,
) -> FieldFacts:
    shape = _shape(field, entries)
    # protoc makes a oneof for each optional field.
    in_oneof = field.HasField("oneof_index") and not field.proto3_optional
    return FieldFacts(
        name=field.name,
        number=field.number,
        label=shape.label,
        type=_type(shape.value),
        key=shape.key,
        json_name=field.json_name or default_json_name(field.name),
        oneof=oneofs[field.oneof_index] if in_oneof else "",
        packed=shape.label is Label.REPEATED and field.type not in _SIZED and _is_packed(field),
        deprecated=field.options.deprecated,
        place=place,
    )


def _shape(field: FieldDescriptorProto, entries: Mapping[str, DescriptorProto]) -> _Shape:
    entry = entries.get(field.type_name.removeprefix("."))
    if entry is not None:
        return _Shape(label=Label.MAP, key=_type(entry.field[0]).name, value=entry.field[1])
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return _Shape(label=Label.REPEATED, value=field)
    label = Label.OPTIONAL if field.proto3_optional else Label.SINGULAR
    return _Shape(label=label, value=field)


def _type(field: FieldDescriptorProto) -> Type:
    match field.type:
        case FieldDescriptorProto.TYPE_MESSAGE:
            return Type(name=field.type_name.removeprefix("."), is_message=True)
        case FieldDescriptorProto.TYPE_ENUM:
            return Type(name=field.type_name.removeprefix("."), is_enum=True)
        case scalar:
            return Type(name=FieldDescriptorProto.Type.Name(scalar).removeprefix("TYPE_").lower())


def _is_packed(field: FieldDescriptorProto) -> bool:
    return field.options.packed if field.options.HasField("packed") else True


def _method(method: MethodDescriptorProto, place: Place) -> MethodFacts:
    return MethodFacts(
        request=method.input_type.removeprefix("."),
        response=method.output_type.removeprefix("."),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
        deprecated=method.options.deprecated,
        place=place,
    )


def _reserved(names: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Reserved:
    return Reserved(names=frozenset(names), ranges=tuple(sorted(ranges)))
