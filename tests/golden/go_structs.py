"""The Go structs of the contract's messages, for tests against encoding/json.

Each is written twice: with `omitempty`, and without, where Go writes every field, and `null` for
slices and maps that are nil.
"""

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import CONTRACT, fields_of, google_classes, is_map

_SCALARS = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_BYTES: "[]byte",
    FieldDescriptor.TYPE_DOUBLE: "float64",
    FieldDescriptor.TYPE_ENUM: "int32",
    FieldDescriptor.TYPE_FLOAT: "float32",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_STRING: "string",
}


def go_source(package: str, tag_option: str) -> str:
    """Return a Go package with a struct for every message."""
    classes = google_classes(*CONTRACT)
    structs = "\n".join(_struct(name, cls, tag_option) for name, cls in classes.items())
    cases = "\n".join(f'\tcase "{name}":\n\t\treturn &{name}{{}}' for name in classes)
    return (
        "// Made by tests/golden/make_fixtures.py from the proto; do not edit.\n\n"
        f"// Package {package} holds the contract's messages as Go structs.\n"
        f"package {package}\n\n{structs}\n"
        "// New returns a pointer to an empty message.\n"
        f"func New(name string) any {{\n\tswitch name {{\n{cases}\n\t}}\n"
        '\tpanic("no message " + name)\n}\n'
    )


def _struct(name: str, cls: type[Message], tag_option: str) -> str:
    fields = "\n".join(
        f'\t{_go_name(field)} {_go_type(field)} `json:"{field.name}{tag_option}"`'
        for field in fields_of(cls)
    )
    return f"type {name} struct {{\n{fields}\n}}\n"


def _go_name(field: FieldDescriptor) -> str:
    return "".join(word.capitalize() for word in field.name.split("_"))


def _go_type(field: FieldDescriptor) -> str:
    if is_map(field):
        # The contract has no other map.
        return "map[string]string"
    if field.message_type is not None:
        return f"{'[]' if field.is_repeated else '*'}{field.message_type.name}"
    return f"{'[]' if field.is_repeated else ''}{_SCALARS[field.type]}"
