"""The text of the protobuf codec: for each message, functions that write and read its fields.

Fields are written in order of their numbers, as Google's library does.
"""

from codegen.lines import indent
from codegen.model import Contract, Field, Kind, Label, MessageType, Type
from codegen.naming import snake_case
from codegen.python_types import PythonTypes, python_type
from codegen.scalars import SCALARS, SIZED, VARINT

# The name of the local variable for a list item of each type.
_ITEM_NAMES = {"int": "number", "float": "decimal", "bool": "flag", "str": "text", "bytes": "raw"}

_WRITE_PARAMETERS = "out: bytearray, message: {message}, depth: int"
_READ_PARAMETERS = "data: bytes, position: int, end: int, depth: int, budget: Budget"
_NEXT_TAG = """
tag = data[position]
position += 1
if tag > 0x7F:
    tag, position = read_tag(data, position - 1, end)
""".strip()
_SKIP = "position = skip_field(data, position, end, tag, depth, budget)"


def protobuf_functions(contract: Contract, names: PythonTypes) -> str:
    """Return the text of all functions of the codec."""
    return "\n\n\n".join(
        text for message in contract.messages for text in _message_functions(message, names)
    )


def _message_functions(message: MessageType, names: PythonTypes) -> list[str]:
    return [
        _encode(message),
        _decode(message),
        _write(message),
        _read(message),
        *(
            _read_entry(message, field, names.zero(field.type))
            for field in message.fields
            if field.label is Label.MAP
        ),
    ]


def _encode(message: MessageType) -> str:
    name, snake_name = message.name, message.snake_name
    return f"""
def encode_{snake_name}(message: {name}) -> bytes:
    out = bytearray()
    _write_{snake_name}(out, check_message(message, {name}, {name!r}), MAX_DEPTH)
    return bytes(out)
""".strip()


def _decode(message: MessageType) -> str:
    return f"""
def decode_{message.snake_name}(data: bytes) -> {message.name}:
    return _read_{message.snake_name}({message.name}(), data, 0, len(data), MAX_DEPTH, Budget())
""".strip()


def _write(message: MessageType) -> str:
    parameters = _WRITE_PARAMETERS.format(message=message.name)
    fields = sorted(message.fields, key=lambda field: field.number)
    body = "\n".join(_write_field(message, field) for field in fields) or "pass"
    return f"def _write_{message.snake_name}({parameters}) -> None:\n{indent(body)}"


def _write_field(message: MessageType, field: Field) -> str:
    value = f"message.{field.attribute}"
    where = _where(message, field)
    tag = f"out += {_tag(field.number, field.type)}"
    match field.label:
        case Label.SINGULAR:
            put = _put("out", value, field.type, where)
            return f"if {_is_set(value, field.type)}:\n{indent(f'{tag}\n{put}')}"
        case Label.OPTIONAL:
            put = _put("out", value, field.type, where)
            return f"if {value} is not None:\n{indent(f'{tag}\n{put}')}"
        case Label.REPEATED if field.packed:
            put = _put("packed", "item", field.type, where)
            body = (
                "packed = bytearray()\n"
                f"for item in check_list({value}, {where}):\n{indent(put)}\n"
                f"out += {_sized_tag(field.number)}\n"
                "write_sized(out, packed)"
            )
            return f"if {value} or {value}.__class__ is not list:\n{indent(body)}"
        case Label.REPEATED:
            put = _put("out", "item", field.type, where)
            return f"for item in check_list({value}, {where}):\n{indent(f'{tag}\n{put}')}"
        case Label.MAP:
            return _write_map(field, value, where)


def _write_map(field: Field, value: str, where: str) -> str:
    string = Type(kind=Kind.SCALAR, name="string")
    body = "\n".join(
        (
            f"entry = bytearray({_tag(1, string)})",
            _put("entry", "key", string, where),
            f"entry += {_tag(2, field.type)}",
            # A map entry is a level of nesting.
            _put("entry", "item", field.type, where, depth="depth - 1"),
            f"out += {_sized_tag(field.number)}",
            "write_sized(out, entry)",
        )
    )
    return f"for key, item in check_dict({value}, {where}).items():\n{indent(body)}"


def _is_set(value: str, value_type: Type) -> str:
    python = python_type(value_type)
    if python == "float":
        return f"not is_positive_zero({value})"
    return f"{value} or {value}.__class__ is not {python}"


def _put(out: str, value: str, value_type: Type, where: str, depth: str = "depth") -> str:
    match value_type.kind:
        case Kind.SCALAR:
            return f"write_{value_type.name}({out}, {value}, {where})"
        case Kind.ENUM:
            return f"write_enum({out}, {value}, {value_type.name}, {where})"
        case Kind.MESSAGE:
            write = f"_write_{snake_case(value_type.name)}"
            return f"write_message({out}, {value}, {value_type.name}, {write}, {depth}, {where})"


def _read(message: MessageType) -> str:
    cases = [(tag, body) for field in message.fields for tag, body in _read_field(message, field)]
    name = message.name
    skip = _SKIP if cases else _SKIP.replace("skip_field", "skip_any_field")
    return (
        f"def _read_{message.snake_name}(message: {name}, {_READ_PARAMETERS}) -> {name}:\n"
        f"{indent(_field_loop(cases, skip))}\n"
        "    return message"
    )


def _field_loop(cases: list[tuple[int, str]], skip: str) -> str:
    if cases:
        keyword = "if"
        chain = ""
        for tag, body in cases:
            chain += f"{keyword} tag == {tag:#04x}:\n{indent(body)}\n"
            keyword = "elif"
        skip = f"{chain}else:\n{indent(skip)}"
    return f"while position < end:\n{indent(f'{_NEXT_TAG}\n{skip}')}"


def _read_field(message: MessageType, field: Field) -> list[tuple[int, str]]:
    target = f"message.{field.attribute}"
    tag = field.number << 3 | _wire_type(field.type)
    match field.label:
        case Label.MAP:
            weight = "MESSAGE_WEIGHT" if field.type.kind is Kind.MESSAGE else "1"
            entry = f"_read_{message.snake_name}__{field.name}"
            body = (
                f"budget.take({weight})\n"
                "start, position = read_span(data, position, end)\n"
                f"{entry}({target}, data, start, position, deeper(depth), budget)"
            )
            return [(_tag_of(field.number, SIZED), body)]
        case Label.REPEATED:
            return _read_repeated(field, target, tag)
        case _:
            return [(tag, _read_value(target, field.type, optional=True))]


def _read_value(target: str, value_type: Type, *, optional: bool) -> str:
    match value_type.kind:
        case Kind.SCALAR:
            return f"{target}, position = read_{value_type.name}(data, position, end)"
        case Kind.ENUM:
            return (
                "number, position = read_int32(data, position, end)\n"
                f"{target} = {value_type.name}.from_number(number)"
            )
        case Kind.MESSAGE:
            create = (
                f"if {target} is None:\n    {target} = {value_type.name}()\n" if optional else ""
            )
            read = f"_read_{snake_case(value_type.name)}"
            return (
                "start, position = read_span(data, position, end)\n"
                f"{create}"
                f"{read}({target}, data, start, position, deeper(depth), budget)"
            )


def _read_repeated(field: Field, target: str, tag: int) -> list[tuple[int, str]]:
    if field.type.kind is Kind.MESSAGE:
        return [(tag, _read_message_item(target, field.type))]
    item = _ITEM_NAMES["int" if field.type.kind is Kind.ENUM else python_type(field.type)]
    read = "read_int32" if field.type.kind is Kind.ENUM else f"read_{field.type.name}"
    wrapped = f"{field.type.name}.from_number(number)" if field.type.kind is Kind.ENUM else item
    single = (
        "budget.take(1)\n"
        f"{item}, position = {read}(data, position, end)\n"
        f"{target}.append({wrapped})"
    )
    if _wire_type(field.type) == SIZED:
        return [(tag, single)]
    many = (
        f"map({field.type.name}.from_number, {item}s)"
        if field.type.kind is Kind.ENUM
        else f"{item}s"
    )
    packed = (
        f"{item}s, position = read_packed(data, position, end, budget, {read})\n"
        f"{target}.extend({many})"
    )
    return [(_tag_of(field.number, SIZED), packed), (tag, single)]


def _read_message_item(target: str, value_type: Type) -> str:
    read = f"_read_{snake_case(value_type.name)}"
    return (
        "budget.take(MESSAGE_WEIGHT)\n"
        "start, position = read_span(data, position, end)\n"
        f"{target}.append(\n"
        f"    {read}({value_type.name}(), data, start, position, deeper(depth), budget)\n"
        ")"
    )


def _read_entry(message: MessageType, field: Field, zero: str) -> str:
    string = Type(kind=Kind.SCALAR, name="string")
    python = python_type(field.type)
    # An entry with an unknown field is unknown as a whole, as in Google's parser.
    skip = f"known = False\n{_SKIP}"
    cases = [
        (_tag_of(1, SIZED), _read_value("key", string, optional=False)),
        (_tag_of(2, _wire_type(field.type)), _read_value("value", field.type, optional=False)),
    ]
    return (
        f"def _read_{message.snake_name}__{field.name}("
        f"entries: dict[str, {python}], {_READ_PARAMETERS}) -> None:\n"
        f'    key = ""\n'
        f"    value = {zero}\n"
        "    known = True\n"
        f"{indent(_field_loop(cases, skip))}\n"
        "    if known:\n"
        "        entries[key] = value"
    )


def _where(message: MessageType, field: Field) -> str:
    return f'"{message.name}.{field.name}"'


def _wire_type(value_type: Type) -> int:
    match value_type.kind:
        case Kind.SCALAR:
            return SCALARS[value_type.name].wire_type
        case Kind.ENUM:
            return VARINT
        case Kind.MESSAGE:
            return SIZED


def _tag_of(number: int, wire_type: int) -> int:
    return number << 3 | wire_type


def _tag(number: int, value_type: Type) -> str:
    return _tag_text(_tag_of(number, _wire_type(value_type)))


def _sized_tag(number: int) -> str:
    return _tag_text(_tag_of(number, SIZED))


def _tag_text(tag: int) -> str:
    data = bytearray()
    while tag > 0x7F:
        data.append(tag & 0x7F | 0x80)
        tag >>= 7
    data.append(tag)
    return f'b"{"".join(f"\\x{byte:02x}" for byte in data)}"'
