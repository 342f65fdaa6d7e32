"""The Go structs of the contract's messages, for tests against encoding/json.

Each is written twice: with `omitempty`, and without, where Go writes every field, and `null` for
slices and maps that are nil.
"""

from collections.abc import Mapping

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.golden.google import fields_of, is_map

_SCALARS = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_BYTES: "[]byte",
    FieldDescriptor.TYPE_DOUBLE: "float64",
    FieldDescriptor.TYPE_ENUM: "int32",
    FieldDescriptor.TYPE_FLOAT: "float32",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_FIXED32: "uint32",
    FieldDescriptor.TYPE_FIXED64: "uint64",
    FieldDescriptor.TYPE_SFIXED32: "int32",
    FieldDescriptor.TYPE_SFIXED64: "int64",
    FieldDescriptor.TYPE_SINT32: "int32",
    FieldDescriptor.TYPE_SINT64: "int64",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


def go_source(classes: Mapping[str, type[Message]], package: str, tag_option: str) -> str:
    """Return a Go package with a struct for every message."""
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
        assert field.message_type is not None
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        return f"map[{_SCALARS[key.type]}]{_value_type(value)}"
    if field.is_repeated:
        return f"[]{_value_type(field).removeprefix('*')}"
    is_pointer = field.has_presence and field.message_type is None
    is_slice = field.type == FieldDescriptor.TYPE_BYTES
    return f"{'*' if is_pointer and not is_slice else ''}{_value_type(field)}"


def _value_type(field: FieldDescriptor) -> str:
    return f"*{field.message_type.name}" if field.message_type else _SCALARS[field.type]
