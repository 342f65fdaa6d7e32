"""The text of the JSON codec: for each message, functions that write and read it field by field.

Fields are written in order of declaration, as Go's encoding/json does.
"""

from codegen.lines import indent
from codegen.model import Contract, Field, Kind, Label, MessageType, Type
from codegen.naming import snake_case
from codegen.python_types import python_type
from codegen.scalars import JSON_NAMES


def gojson_functions(contract: Contract) -> str:
    """Return the text of all functions of the codec."""
    return "\n\n\n".join(
        text for message in contract.messages for text in _message_functions(message)
    )


def _message_functions(message: MessageType) -> list[str]:
    return [_encode(message), _decode(message), _write(message), _read(message)]


def _encode(message: MessageType) -> str:
    name, snake_name = message.name, message.snake_name
    return f"""
def encode_{snake_name}(message: {name}) -> bytes:
    return finish(_write_{snake_name}(check_message(message, {name}, {name!r}), MAX_DEPTH))
""".strip()


def _decode(message: MessageType) -> str:
    return f"""
def decode_{message.snake_name}(data: bytes) -> {message.name}:
    return _read_{message.snake_name}(read_message(data))
""".strip()


def _write(message: MessageType) -> str:
    body = "\n".join(
        ["fields: list[str] = []"]
        + [_write_field(message, field) for field in message.fields]
        + ["return write_object(fields)"]
    )
    parameters = f"message: {message.name}, depth: int"
    return f"def _write_{message.snake_name}({parameters}) -> str:\n{indent(body)}"


def _write_field(message: MessageType, field: Field) -> str:
    value = f"message.{field.attribute}"
    where = f'"{message.name}.{field.name}"'
    match field.label:
        case Label.SINGULAR:
            condition = _is_set(value, field.type)
            text = _text(value, field.type, where)
        case Label.OPTIONAL:
            condition = f"{value} is not None"
            text = _text(value, field.type, where)
        case Label.REPEATED:
            condition = f"{value} or {value}.__class__ is not list"
            item = _text("item", field.type, where)
            text = f"write_list([{item} for item in check_list({value}, {where})])"
        case Label.MAP:
            condition = f"{value} or {value}.__class__ is not dict"
            # A map entry is a level of nesting, as it is in protobuf.
            depth = "depth - 1"
            pair = f'write_string(key, {where}) + ":" + {_text("item", field.type, where, depth)}'
            text = f"write_object([{pair} for key, item in sorted_items({value}, {where})])"
    return f"if {condition}:\n    fields.append('\"{field.name}\":' + {text})"


def _is_set(value: str, value_type: Type) -> str:
    python = python_type(value_type)
    if python == "float":
        return f"not is_zero({value})"
    return f"{value} or {value}.__class__ is not {python}"


def _text(value: str, value_type: Type, where: str, depth: str = "depth") -> str:
    match value_type.kind:
        case Kind.SCALAR:
            return f"write_{JSON_NAMES[value_type.name]}({value}, {where})"
        case Kind.ENUM:
            return f"write_enum({value}, {value_type.name}, {where})"
        case Kind.MESSAGE:
            write = f"_write_{snake_case(value_type.name)}"
            return f"write_message({value}, {value_type.name}, {write}, {depth}, {where})"


def _read(message: MessageType) -> str:
    body = "\n".join(
        [f"message = {message.name}()"]
        + [_read_field(message, field) for field in message.fields]
        + ["return message"]
    )
    parameters = "fields: dict[str, object]"
    return f"def _read_{message.snake_name}({parameters}) -> {message.name}:\n{indent(body)}"


def _read_field(message: MessageType, field: Field) -> str:
    where = f'"{message.name}.{field.name}"'
    match field.label:
        case Label.REPEATED:
            item = _value("item", field.type, where)
            value = f"[{item} for item in read_list(value, {where})]"
        case Label.MAP:
            item = _value("item", field.type, where)
            items = f"read_object(value, {where}).items()"
            value = f"{{read_string(key, {where}): {item} for key, item in {items}}}"
        case _:
            value = _value("value", field.type, where)
    get = f'(value := fields.get("{field.name}"))'
    return f"if {get} is not None:\n    message.{field.attribute} = {value}"


def _value(value: str, value_type: Type, where: str) -> str:
    match value_type.kind:
        case Kind.SCALAR:
            return f"read_{JSON_NAMES[value_type.name]}({value}, {where})"
        case Kind.ENUM:
            return f"{value_type.name}.from_number(read_int32({value}, {where}))"
        case Kind.MESSAGE:
            return f"_read_{snake_case(value_type.name)}(read_object({value}, {where}))"
