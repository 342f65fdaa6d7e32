"""The types that the files of a tree define, and which of the files are needed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from codegen.construct import Construct, whole_file
from codegen.model import Kind, Type
from codegen.naming import class_name, distinct, snake_case
from codegen.reserved import MESSAGES_NAMES
from codegen.scalars import SCALAR_OF_DESCRIPTOR

# Field numbers of the lists in descriptor.proto's FileDescriptorProto and DescriptorProto.
_FILE_MESSAGES = 4
_FILE_ENUMS = 5
_NESTED_MESSAGES = 3
_NESTED_ENUMS = 4

_GOOGLE = ".google.protobuf."
_WRAPPERS = {
    f"{_GOOGLE}{name}Value": Type(kind=Kind.WRAPPED, name=name.lower())
    for name in (
        *("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64"),
    )
}
BUILT_IN: Mapping[str, Type] = {
    f"{_GOOGLE}Timestamp": Type(kind=Kind.TIME, name="timestamp"),
    f"{_GOOGLE}Duration": Type(kind=Kind.SPAN, name="duration"),
    **_WRAPPERS,
}
"""The messages whose fields have values of Python's own types."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message in a file, with the names of itself and of what encloses it."""

    descriptor: DescriptorProto
    construct: Construct
    names: tuple[str, ...]
    enclosing: tuple[DescriptorProto, ...]


@dataclass(frozen=True, slots=True)
class FoundEnum:
    """An enum in a file, with the names of itself and of what encloses it."""

    descriptor: EnumDescriptorProto
    construct: Construct
    names: tuple[str, ...]


def messages_in(file: FileDescriptorProto) -> Iterator[FoundMessage]:
    """Yield the messages of a file, each before those in it; without the entries of maps."""
    whole = whole_file(file)
    for index, message in enumerate(file.message_type):
        construct = whole.inner(_FILE_MESSAGES, index, f"message {message.name}")
        yield from _nested(FoundMessage(message, construct, (message.name,), ()))


def _nested(found: FoundMessage) -> Iterator[FoundMessage]:
    yield found
    for index, message in enumerate(found.descriptor.nested_type):
        if not message.options.map_entry:
            names = (*found.names, message.name)
            title = f"message {'.'.join(names)}"
            construct = found.construct.inner(_NESTED_MESSAGES, index, title)
            enclosing = (*found.enclosing, found.descriptor)
            yield from _nested(FoundMessage(message, construct, names, enclosing))


def enums_in(file: FileDescriptorProto) -> Iterator[FoundEnum]:
    """Yield the enums of a file, and then those in its messages."""
    whole = whole_file(file)
    for index, enum in enumerate(file.enum_type):
        yield FoundEnum(enum, whole.inner(_FILE_ENUMS, index, f"enum {enum.name}"), (enum.name,))
    for message in messages_in(file):
        for index, enum in enumerate(message.descriptor.enum_type):
            names = (*message.names, enum.name)
            construct = message.construct.inner(_NESTED_ENUMS, index, f"enum {'.'.join(names)}")
            yield FoundEnum(enum, construct, names)


def full_name(file: FileDescriptorProto, names: Iterable[str]) -> str:
    """Return a type's full name, with a dot before it as in descriptors."""
    return ".".join(("", *filter(None, (file.package,)), *names))


def needed_files(
    files: Sequence[FileDescriptorProto], sources: Iterable[str]
) -> list[FileDescriptorProto]:
    """Return `sources`, and the files with types that they need, however indirectly.

    What is imported only for its options is not needed.
    """
    by_name = {file.name: file for file in files}
    owners = {name: file.name for file in files for name in _names_in(file)}
    wanted = list(sources)
    for name in wanted:
        for used in _used_types(by_name[name]):
            owner = owners[used]
            if owner not in wanted:
                wanted.append(owner)
    return [by_name[name] for name in wanted]


def _names_in(file: FileDescriptorProto) -> Iterator[str]:
    yield from (full_name(file, found.names) for found in messages_in(file))
    yield from (full_name(file, found.names) for found in enums_in(file))


def _used_types(file: FileDescriptorProto) -> Iterator[str]:
    for found in messages_in(file):
        entries = [item for item in found.descriptor.nested_type if item.options.map_entry]
        known = {full_name(file, (*found.names, entry.name)) for entry in entries} | {*BUILT_IN, ""}
        fields = [field for item in (found.descriptor, *entries) for field in item.field]
        yield from (field.type_name for field in fields if field.type_name not in known)
    for service in file.service:
        for method in service.method:
            yield from (method.input_type, method.output_type)


class Types:
    """The types of all packages, by their full names in proto."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._types: dict[str, Type] = {}
        by_package: dict[str, list[FileDescriptorProto]] = {}
        for file in files:
            by_package.setdefault(file.package, []).append(file)
        for package, members in by_package.items():
            self._add(package, members)

    def _add(self, package: str, files: list[FileDescriptorProto]) -> None:
        enums = [(file, enum) for file in files for enum in enums_in(file)]
        messages = [(file, message) for file in files for message in messages_in(file)]
        found = [item.names for _, item in enums] + [item.names for _, item in messages]
        names = distinct(map(class_name, found), MESSAGES_NAMES)
        functions = distinct(map(snake_case, names[len(enums) :]), frozenset())
        for (file, enum), name in zip(enums, names[: len(enums)], strict=True):
            self._types[full_name(file, enum.names)] = Type(
                kind=Kind.ENUM, name=name, package=package
            )
        for (file, message), name, function in zip(
            messages, names[len(enums) :], functions, strict=True
        ):
            self._types[full_name(file, message.names)] = Type(
                kind=Kind.MESSAGE, name=name, package=package, function=function
            )

    def named(self, name: str) -> Type:
        """Return the type with a full name."""
        return self._types[name]

    def class_names(self, package: str) -> frozenset[str]:
        """Return the names of the classes of a package."""
        return frozenset(found.name for found in self._types.values() if found.package == package)

    def of(self, field: FieldDescriptorProto) -> Type:
        """Return the type of a field's values."""
        if not field.type_name:
            return Type(kind=Kind.SCALAR, name=SCALAR_OF_DESCRIPTOR[field.type])
        return BUILT_IN.get(field.type_name) or self._types[field.type_name]
