"""The text of the JSON codec: for each message, functions that write and read it field by field.

Fields are written in order of declaration, as Go's encoding/json does.
"""

from codegen.gojson_struct import plain_functions, reads_plain_json
from codegen.lines import given, indent, is_set, parts
from codegen.model import Field, Kind, Label, MessageType, Oneof, Package, Type
from codegen.python_types import PythonTypes
from codegen.scalars import JSON_NAMES, SCALARS
from codegen.scope import Scope


def gojson_functions(package: Package, names: PythonTypes, scope: Scope) -> str:
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
        plain = plain_functions(self._message, self._scope)
        return plain or [self._encode(), self._decode(), self._write(), self._read()]

    def _encode(self) -> str:
        name = self._class
        check = f'check_message(message, {name}, "{self._message.name}")'
        return f"""
def encode_{self._message.function}(message: {name}) -> bytes:
    return finish({self._writer}({check}, MAX_DEPTH))
""".strip()

    def _decode(self) -> str:
        return f"""
def decode_{self._message.function}(data: bytes) -> {self._class}:
    return {self._reader}(read_message(data))
""".strip()

    def _write(self) -> str:
        start = "fields: list[str] = []"
        parameters = "message: Any, depth: int"
        groups = parts(self._written())
        end = "return write_object(fields)"
        if len(groups) < 2:
            return _function(
                f"{self._writer}({parameters}) -> str", [*given(groups), start, *groups, end]
            )
        names = [f"{self._writer}__{number}" for number in range(1, len(groups) + 1)]
        functions = [
            _function(f"{name}({parameters}, fields: list[str]) -> None", [*given([group]), group])
            for name, group in zip(names, groups, strict=True)
        ]
        calls = [f"{name}(message, depth, fields)" for name in names]
        whole = _function(f"{self._writer}({parameters}) -> str", [start, *calls, end])
        return "\n\n\n".join([*functions, whole])

    def _written(self) -> list[str]:
        lines: list[str] = []
        written: set[str] = set()
        for field in self._message.fields:
            if not field.oneof:
                lines.append(self._write_field(field))
            elif field.oneof not in written:
                # As in Go's struct, a oneof is where its first field is.
                written.add(field.oneof)
                lines += self._write_oneof(self._oneof(field))
        return lines

    def _oneof(self, field: Field) -> Oneof:
        return next(item for item in self._message.oneofs if item.attribute == field.oneof)

    def _write_field(self, field: Field) -> str:
        value = f"message.{field.attribute}"
        where = self._where(field)
        match field.label:
            case Label.REPEATED:
                condition = is_set(value, "list")
                item = self._text("item", field.type, where)
                text = f"write_list([{item} for item in check_list(value, {where})])"
            case Label.MAP:
                condition = is_set(value, "dict")
                text = self._map_text(field, "value", where)
            case Label.OPTIONAL:
                condition = f"(value := {value}) is not None"
                text = self._text("value", field.type, where)
            case _:
                condition = self._is_set(value, field.type)
                text = self._text("value", field.type, where)
        return f"if {condition}:\n    fields.append('\"{field.name}\":' + {text})"

    def _write_oneof(self, oneof: Oneof) -> list[str]:
        """Return the text that writes a oneof as Go's wrapper of the field that is set."""
        if oneof.is_hidden:
            return []
        lines = []
        keyword = "if"
        for field in self._message.members(oneof):
            text = self._text(f"message.{field.attribute}", field.type, self._where(field))
            start = f'"{oneof.go_name}":{{"{field.go_name}":'
            lines.append(f'{keyword} "{field.attribute}" in given:')
            lines.append(f"    fields.append('{start}' + {text} + \"}}\")")
            keyword = "elif"
        lines.append(f"else:\n    fields.append('\"{oneof.go_name}\":null')")
        return ["\n".join(lines)]

    def _map_text(self, field: Field, value: str, where: str) -> str:
        if field.key == "bool":
            return f"write_bool_keys({value}, {where})"
        # A map entry is a level of nesting, as it is in protobuf.
        item = self._text("item", field.type, where, depth="depth - 1")
        if field.key == "string":
            key, items = f"write_string(key, {where})", f"sorted_items({value}, {where})"
        else:
            write = f"write_{JSON_NAMES[field.key]}"
            key, items = "key", f"number_items({value}, {write}, {where})"
        return f'write_object([{key} + ":" + {item} for key, item in {items}])'

    def _is_set(self, value: str, value_type: Type) -> str:
        python = self._names.python_type(value_type)
        if python == "float":
            return f"not is_zero(value := {value})"
        return is_set(value, python)

    def _text(self, value: str, value_type: Type, where: str, depth: str = "depth") -> str:
        match value_type.kind:
            case Kind.SCALAR:
                return f"write_{JSON_NAMES[value_type.name]}({value}, {where})"
            case Kind.ENUM:
                return f"write_enum({value}, {self._scope.class_of(value_type)}, {where})"
            case Kind.MESSAGE:
                write = self._scope.function("write", value_type)
                name = self._scope.class_of(value_type)
                return f"write_message({value}, {name}, {write}, {depth}, {where})"
            case Kind.WRAPPED:
                return f"write_{value_type.name}_value({value}, {depth}, {where})"
            case Kind.TIME | Kind.SPAN:
                return f"write_{value_type.name}({value}, {depth}, {where})"

    def _read(self) -> str:
        lines = [self._read_field(field) for field in self._message.fields if not field.oneof]
        lines += [self._refuse_oneof(oneof) for oneof in self._message.oneofs]
        groups = parts([line for line in lines if line])
        start, end = f"message = {self._class}()", "return message"
        head = f"{self._reader}(fields: dict[str, object]) -> {self._class}"
        if len(groups) < 2:
            return _function(head, [start, *groups, end])
        names = [f"{self._reader}__{number}" for number in range(1, len(groups) + 1)]
        parameters = f"message: {self._class}, fields: dict[str, object]"
        functions = [
            _function(f"{name}({parameters}) -> None", [group])
            for name, group in zip(names, groups, strict=True)
        ]
        calls = [f"{name}(message, fields)" for name in names]
        return "\n\n\n".join([*functions, _function(head, [start, *calls, end])])

    def _refuse_oneof(self, oneof: Oneof) -> str:
        if oneof.is_hidden:
            return ""
        where = f'"{self._message.name}.{oneof.attribute}"'
        return f'if fields.get("{oneof.go_name}") is not None:\n    raise read_oneof({where})'

    def _read_field(self, field: Field) -> str:
        where = self._where(field)
        get = f'(value := fields.get("{field.name}"))'
        if field.key == "bool":
            return f'if fields.get("{field.name}") is not None:\n    raise read_bool_keys({where})'
        match field.label:
            case Label.REPEATED:
                item = self._value("item", field.type, where)
                value = f"[{item} for item in read_list(value, {where})]"
            case Label.MAP:
                item = self._value("item", field.type, where)
                items = f"read_object(value, {where}).items()"
                value = f"{{{self._key(field, where)}: {item} for key, item in {items}}}"
            case _:
                value = self._value("value", field.type, where)
        return f"if {get} is not None:\n    message.{field.attribute} = {value}"

    def _key(self, field: Field, where: str) -> str:
        if SCALARS[field.key].python == "str":
            return f"read_string(key, {where})"
        return f"read_{JSON_NAMES[field.key]}_key(key, {where})"

    def _value(self, value: str, value_type: Type, where: str) -> str:
        match value_type.kind:
            case Kind.SCALAR:
                return f"read_{JSON_NAMES[value_type.name]}({value}, {where})"
            case Kind.ENUM:
                name = self._scope.class_of(value_type)
                return f"{name}.from_number(read_int32({value}, {where}))"
            case Kind.MESSAGE:
                read = self._scope.function("read", value_type)
                if reads_plain_json(value_type):
                    return f"{read}({value})"
                return f"{read}(read_object({value}, {where}))"
            case Kind.WRAPPED:
                return f"read_{value_type.name}_value({value}, {where})"
            case Kind.TIME | Kind.SPAN:
                return f"read_{value_type.name}({value}, {where})"

    def _where(self, field: Field) -> str:
        return f'"{self._message.name}.{field.name}"'


def _function(head: str, lines: list[str]) -> str:
    return f"def {head}:\n{indent('\n'.join(lines))}"
