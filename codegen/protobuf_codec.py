"""The text of the protobuf codec: for each message, functions that write and read its fields.

Fields are written in order of their numbers, as Google's library does.
"""

from codegen.lines import given, indent, is_set, parts
from codegen.model import Field, Kind, Label, MessageType, Package, Type
from codegen.protobuf_reading import field_cases, read_entry
from codegen.protobuf_tags import DEPTH_LEFT, read_fields, tag_text, wire_type
from codegen.python_types import PythonTypes
from codegen.scalars import SIZED
from codegen.scope import Scope

_READ_PARAMETERS = "data: bytes, position: int, end: int, depth: int, budget: Budget"

# The types whose tag and value one function writes, and the highest number with a tag of one byte.
_SHORT_FIELDS = frozenset({"bytes", "string"})
_HIGHEST = 15

_STRING = Type(kind=Kind.SCALAR, name="string")


def protobuf_functions(package: Package, names: PythonTypes, scope: Scope) -> str:
    """Return the text of all functions of the codec."""
    return "\n\n\n".join(
        text for message in package.messages for text in _MessageText(message, names, scope).all()
    )


class _MessageText:
    """The text of the functions of one message."""

    def __init__(self, message: MessageType, names: PythonTypes, scope: Scope) -> None:
        self._message = message
        self._names = names
        self._scope = scope
        self._class = scope.class_of(message.type)
        self._writer = scope.own_function("write", message.type)
        self._reader = scope.own_function("read", message.type)

    def all(self) -> list[str]:
        """Return all functions."""
        entries = [
            read_entry(self._message, field, self._names, self._scope)
            for field in self._message.fields
            if field.label is Label.MAP
        ]
        return [self._encode(), self._decode(), self._write(), self._read(), *entries]

    def _encode(self) -> str:
        name = self._class
        return f"""
def encode_{self._message.function}(message: {name}) -> bytes:
    out = bytearray()
    {self._writer}(out, check_message(message, {name}, "{self._message.name}"), MAX_DEPTH)
    return bytes(out)
""".strip()

    def _decode(self) -> str:
        name = self._class
        return f"""
def decode_{self._message.function}(data: bytes) -> {name}:
    return {self._reader}({name}(), data, 0, len(data), MAX_DEPTH, Budget())
""".strip()

    def _write(self) -> str:
        parameters = "out: bytearray, message: Any, depth: int"
        fields = sorted(self._message.fields, key=lambda field: field.number)
        written = [self._write_field(field) for field in fields]
        groups = parts(written)
        last = "if message.unknown_fields:\n    out += message.unknown_fields"
        if len(groups) < 2:
            return self._writing(self._writer, parameters, [*groups, last])
        names = [f"{self._writer}__{number}" for number in range(1, len(groups) + 1)]
        functions = [
            self._writing(name, parameters, [group])
            for name, group in zip(names, groups, strict=True)
        ]
        calls = [f"{name}(out, message, depth)" for name in names]
        return "\n\n\n".join([*functions, self._writing(self._writer, parameters, [*calls, last])])

    def _writing(self, name: str, parameters: str, lines: list[str]) -> str:
        body = "\n".join([*given(lines), *lines])
        return f"def {name}({parameters}) -> None:\n{indent(body)}"

    def _write_field(self, field: Field) -> str:
        value = f"message.{field.attribute}"
        where = self._where(field)
        match field.label:
            case Label.SINGULAR:
                put = self._put_field(field, "value", where)
                return f"if {self._is_set(value, field.type)}:\n{indent(put)}"
            case Label.OPTIONAL:
                put = self._put_field(field, "value", where)
                return f"if (value := {value}) is not None:\n{indent(put)}"
            case Label.MEMBER:
                put = self._put_field(field, value, where)
                return f'if "{field.attribute}" in given:\n{indent(put)}'
            case Label.REPEATED if field.packed:
                put = self._put("packed", "item", field.type, where)
                body = (
                    "packed = bytearray()\n"
                    f"for item in check_list(value, {where}):\n{indent(put)}\n"
                    f"out += {tag_text(field.number, SIZED)}\n"
                    "write_sized(out, packed)"
                )
                return f"if {is_set(value, 'list')}:\n{indent(body)}"
            case Label.REPEATED:
                put = self._put_field(field, "item", where)
                return f"for item in check_list({value}, {where}):\n{indent(put)}"
            case Label.MAP:
                return self._write_map(field, value, where)

    def _put_field(self, field: Field, value: str, where: str) -> str:
        name = field.type.name
        if field.type.kind is Kind.SCALAR and name in _SHORT_FIELDS and field.number <= _HIGHEST:
            return f"write_{name}_field(out, {field.number}, {value}, {where})"
        tag = _tag_text(field.number, field.type)
        return f"out += {tag}\n{self._put('out', value, field.type, where)}"

    def _write_map(self, field: Field, value: str, where: str) -> str:
        key = Type(kind=Kind.SCALAR, name=field.key)
        if key == field.type == _STRING and field.number <= _HIGHEST:
            put = f"write_string_map(out, {field.number}, value, {where})"
            return f"if {is_set(value, 'dict')}:\n{indent(put)}"
        body = "\n".join(
            (
                f"entry = bytearray({_tag_text(1, key)})",
                self._put("entry", "key", key, where),
                f"entry += {_tag_text(2, field.type)}",
                # A map entry is a level of nesting.
                self._put("entry", "item", field.type, where, depth="depth - 1"),
                f"out += {tag_text(field.number, SIZED)}",
                "write_sized(out, entry)",
            )
        )
        return f"for key, item in check_dict({value}, {where}).items():\n{indent(body)}"

    def _is_set(self, value: str, value_type: Type) -> str:
        python = self._names.python_type(value_type)
        if python == "float":
            return f"not is_positive_zero(value := {value})"
        return is_set(value, python)

    def _put(self, out: str, value: str, value_type: Type, where: str, depth: str = "depth") -> str:
        match value_type.kind:
            case Kind.SCALAR:
                return f"write_{value_type.name}({out}, {value}, {where})"
            case Kind.ENUM:
                return f"write_enum({out}, {value}, {self._scope.class_of(value_type)}, {where})"
            case Kind.MESSAGE:
                write = self._scope.function("write", value_type)
                name = self._scope.class_of(value_type)
                return f"write_message({out}, {value}, {name}, {write}, {depth}, {where})"
            case Kind.WRAPPED:
                return f"write_{value_type.name}_value({out}, {value}, {depth}, {where})"
            case Kind.TIME | Kind.SPAN:
                return f"write_{value_type.name}({out}, {value}, {depth}, {where})"

    def _read(self) -> str:
        cases = [
            case
            for field in self._message.fields
            for case in field_cases(self._message, field, self._names, self._scope)
        ]
        keep = "keep_field" if cases else "keep_any_field"
        skip = f"position = {keep}(message, data, {{at}}, end, tag, depth, budget)"
        body = f"{DEPTH_LEFT}\n{read_fields('return message', cases, skip)}"
        return (
            f"def {self._reader}(message: {self._class}, {_READ_PARAMETERS}) -> {self._class}:\n"
            f"{indent(body)}"
        )

    def _where(self, field: Field) -> str:
        return f'"{self._message.name}.{field.name}"'


def _tag_text(number: int, value_type: Type) -> str:
    tag = tag_text(number, wire_type(value_type))
    # `write_message` puts the length into a byte after the tag.
    return f'{tag[:-1]}\\x00"' if value_type.kind is Kind.MESSAGE else tag
