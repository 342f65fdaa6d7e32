"""The text that reads the fields of a message and the entries of its maps from protobuf."""

from codegen.lines import indent
from codegen.model import Field, Kind, Label, MessageType, Type
from codegen.protobuf_tags import DEPTH_LEFT, Case, read_fields, tag_of, wire_type
from codegen.python_types import PythonTypes
from codegen.scalars import SCALARS, SIZED
from codegen.scope import Scope

# The name of the local variable for a list item of each type.
_ITEM_NAMES = {"int": "number", "float": "decimal", "bool": "flag"}

_PARAMETERS = "data: bytes, position: int, end: int, depth: int, budget: Budget"
_TEXT = "data[start:position].decode()"
_WITHIN = "data, start, position, depth - 1, budget"


def field_cases(message: MessageType, field: Field, names: PythonTypes, scope: Scope) -> list[Case]:
    """Return the tags with which a field may come, each with the code that reads it.

    The code for a sized field finds it between `start` and `position`.
    """
    target = f"message.{field.attribute}"
    tag = tag_of(field.number, wire_type(field.type))
    match field.label:
        case Label.MAP:
            return [(tag_of(field.number, SIZED), _read_map(message, field, target))]
        case Label.REPEATED:
            return _read_repeated(field, target, scope)
        case _:
            return [(tag, _read_value(field, target, names, scope))]


def read_entry(message: MessageType, field: Field, names: PythonTypes, scope: Scope) -> str:
    """Return the function that reads an entry of a map, and returns whether it is known.

    An entry with an unknown field is unknown as a whole, as in Google's parser.
    """
    key = Type(kind=Kind.SCALAR, name=field.key)
    scalar = SCALARS[field.key]
    done = f"if known:\n{' ' * 12}entries[key] = value\n{' ' * 8}return known"
    skip = "known = False\nposition = skip_field(data, {at}, end, tag, depth, budget)"
    cases = [
        (tag_of(1, wire_type(key)), _read_into("key", key, scope)),
        (tag_of(2, wire_type(field.type)), _read_into("value", field.type, scope)),
    ]
    entries = f"entries: dict[{scalar.python}, {names.python_type(field.type)}]"
    body = "\n".join(
        (
            DEPTH_LEFT,
            f"key = {scalar.zero}",
            f"value = {names.zero(field.type)}",
            "known = True",
            read_fields(done, cases, skip),
        )
    )
    return f"def {_entry_reader(message, field)}({entries}, {_PARAMETERS}) -> bool:\n{indent(body)}"


def _entry_reader(message: MessageType, field: Field) -> str:
    return f"_read_{message.function}__{field.name}"


def _read_map(message: MessageType, field: Field, target: str) -> str:
    weight = "MESSAGE_WEIGHT" if field.type.kind is Kind.MESSAGE else "1"
    return (
        f"budget.take({weight})\n"
        f"if not {_entry_reader(message, field)}({target}, {_WITHIN}):\n"
        "    keep_bytes(message, tag, data[start:position])"
    )


def _read_value(field: Field, target: str, names: PythonTypes, scope: Scope) -> str:
    """Return the code that reads a value; one message adds to an earlier one of the same field."""
    if field.type.kind in {Kind.SCALAR, Kind.ENUM}:
        return _read_into(target, field.type, scope)
    if field.type.kind is Kind.MESSAGE:
        create = f"if {target} is None:\n    {target} = {names.zero(field.type)}\n"
        read = scope.function("read", field.type)
        return f"{create}{read}({target}, {_WITHIN})"
    zero = names.zero(field.type)
    earlier = f"{zero} if {target} is None else {target}"
    return f"{target} = {_reader(field.type)}({earlier}, {_WITHIN})"


def _reader(value_type: Type) -> str:
    return f"read_{value_type.name}{'_value' if value_type.kind is Kind.WRAPPED else ''}"


def _read_into(target: str, value_type: Type, scope: Scope) -> str:
    match value_type.kind:
        case Kind.SCALAR if value_type.name == "string":
            return f"{target} = {_TEXT}"
        case Kind.SCALAR if value_type.name == "bytes":
            return f"{target} = data[start:position]"
        case Kind.SCALAR:
            return f"{target}, position = read_{value_type.name}(data, position, end)"
        case Kind.ENUM:
            return (
                "number, position = read_int32(data, position, end)\n"
                f"{target} = {scope.class_of(value_type)}.from_number(number)"
            )
        case Kind.MESSAGE:
            read = scope.function("read", value_type)
            return f"{read}({target}, {_WITHIN})"
        case _:
            return f"{target} = {_reader(value_type)}({target}, {_WITHIN})"


def _read_repeated(field: Field, target: str, scope: Scope) -> list[Case]:
    tag = tag_of(field.number, wire_type(field.type))
    match field.type.kind:
        case Kind.MESSAGE:
            read = scope.function("read", field.type)
            item = f"{read}({scope.class_of(field.type)}(), {_WITHIN})"
        case Kind.WRAPPED | Kind.TIME | Kind.SPAN:
            zero = {Kind.TIME: "EPOCH", Kind.SPAN: "NO_TIME"}.get(field.type.kind)
            zero = zero or SCALARS[field.type.name].zero
            item = f"{_reader(field.type)}({zero}, {_WITHIN})"
        case Kind.SCALAR if wire_type(field.type) == SIZED:
            item = _TEXT if field.type.name == "string" else "data[start:position]"
            return [(tag, f"budget.take(1)\n{target}.append({item})")]
        case _:
            return _read_numbers(field, target, scope)
    return [(tag, f"budget.take(MESSAGE_WEIGHT)\n{target}.append(\n    {item}\n)")]


def _read_numbers(field: Field, target: str, scope: Scope) -> list[Case]:
    tag = tag_of(field.number, wire_type(field.type))
    if field.type.kind is Kind.ENUM:
        convert = f"{scope.class_of(field.type)}.from_number"
        item, read, single, many = (
            *("number", "read_int32", f"{convert}(number)"),
            f"map({convert}, numbers)",
        )
    else:
        item = _ITEM_NAMES[SCALARS[field.type.name].python]
        read, single, many = f"read_{field.type.name}", item, f"{item}s"
    one = (
        f"budget.take(1)\n{item}, position = {read}(data, position, end)\n{target}.append({single})"
    )
    packed = (
        f"{item}s = read_packed(data, start, position, budget, {read})\n{target}.extend({many})"
    )
    return [(tag_of(field.number, SIZED), packed), (tag, one)]
