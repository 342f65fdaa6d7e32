"""The step from the descriptors of proto files to the model of the packages generated for them."""

from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from codegen.construct import RefusalError
from codegen.enums import read_enum
from codegen.messages import read_message
from codegen.model import Kind, Package, Tree
from codegen.naming import python_name
from codegen.refusals import refusals
from codegen.reserved import MODULES
from codegen.services import read_services
from codegen.types import Types, enums_in, messages_in, needed_files


def read_tree(files: Sequence[FileDescriptorProto], sources: Sequence[str]) -> Tree:
    """Return the model of `sources` and of what they need from other `files`.

    The package of the first source is at the root. Raises `RefusalError` with every construct for
    which no correct code can be generated.
    """
    needed = needed_files(files, sources)
    refused = [line for file in needed for line in refusals(file)]
    if refused:
        raise RefusalError(refused)
    types = Types(needed)
    by_package: dict[str, list[FileDescriptorProto]] = {}
    for file in needed:
        by_package.setdefault(file.package, []).append(file)
    root = needed[0].package
    packages = tuple(
        _read_package(members, types, _folders(package, root), set(by_package) - {package})
        for package, members in by_package.items()
    )
    shared = frozenset(
        field.type
        for package in packages
        for message in package.messages
        for field in message.fields
        if field.type.kind is Kind.MESSAGE and field.type.package != package.name
    )
    return Tree(packages=packages, shared=shared)


def alias(package: str) -> str:
    """Return the name under which other packages import the messages of a package."""
    return package.replace(".", "_") or "unnamed"


def _folders(package: str, root: str) -> tuple[str, ...]:
    if package == root:
        return ()
    return tuple(python_name(part, MODULES) for part in package.split(".")) if package else ("_",)


def _read_package(
    files: Sequence[FileDescriptorProto], types: Types, folders: tuple[str, ...], others: set[str]
) -> Package:
    name = files[0].package
    taken = types.class_names(name) | {alias(other) for other in others}
    return Package(
        name=name,
        folders=folders,
        sources=tuple(file.name for file in files),
        enums=tuple(read_enum(file, enum, types) for file in files for enum in enums_in(file)),
        messages=tuple(
            read_message(file, message, types, taken)
            for file in files
            for message in messages_in(file)
        ),
        services=read_services(files, types),
    )
