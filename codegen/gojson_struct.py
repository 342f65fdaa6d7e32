"""The text of the JSON codec for Struct, Value and ListValue, which stand for any JSON.

Go's types for these messages, unlike others, write and read themselves as the JSON they stand for.
"""

from codegen.model import MessageType, Type
from codegen.scope import Scope

_PACKAGE = "google.protobuf"

_STRUCT = """
def {write}(message: Struct, depth: int) -> str:
    return write_object(
        [
            write_string(key, "Struct.fields")
            + ":"
            + write_message(item, Value, {write_value}, depth - 1, "Struct.fields")
            for key, item in sorted_items(message.fields, "Struct.fields")
        ]
    )


def {read}(value: object) -> Struct:
    fields = read_object(value, "Struct.fields")
    return Struct(
        fields={{
            read_string(key, "Struct.fields"): {read_value}(item) for key, item in fields.items()
        }}
    )
"""

_LIST = """
def {write}(message: ListValue, depth: int) -> str:
    return write_list(
        [
            write_message(item, Value, {write_value}, depth, "ListValue.values")
            for item in check_list(message.values, "ListValue.values")
        ]
    )


def {read}(value: object) -> ListValue:
    return ListValue(values=[{read_value}(item) for item in read_list(value, "ListValue.values")])
"""

_VALUE = """
def {write}(message: Value, depth: int) -> str:
    given = vars(message)
    if "null_value" in given:
        return "null"
    if "number_value" in given:
        return write_double(message.number_value, "Value.number_value")
    if "string_value" in given:
        return write_string(message.string_value, "Value.string_value")
    if "bool_value" in given:
        return write_bool(message.bool_value, "Value.bool_value")
    if "struct_value" in given:
        where = "Value.struct_value"
        return write_message(message.struct_value, Struct, {write_struct}, depth, where)
    if "list_value" in given:
        where = "Value.list_value"
        return write_message(message.list_value, ListValue, {write_list}, depth, where)
    raise value_without_kind()


def {read}(value: object) -> Value:
    if value is None:
        return Value(null_value=NullValue.NULL_VALUE)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=read_double(value, "Value.number_value"))
    if isinstance(value, str):
        return Value(string_value=read_string(value, "Value.string_value"))
    if value.__class__ is list:
        return Value(list_value={read_list}(value))
    return Value(struct_value={read_struct}(value))
"""

_CODEC = """
def encode_{function}(message: {name}) -> bytes:
    return finish({write}(check_message(message, {name}, "{name}"), MAX_DEPTH))


def decode_{function}(data: bytes) -> {name}:
    return {read}(read_value(data))
"""

_TEXTS = {"Struct": _STRUCT, "Value": _VALUE, "ListValue": _LIST}


def reads_plain_json(value_type: Type) -> bool:
    """Whether a message stands for JSON, so that its reader takes any JSON value."""
    return value_type.package == _PACKAGE and value_type.name in _TEXTS


def plain_functions(message: MessageType, scope: Scope) -> list[str]:
    """Return the functions of a message that stands for JSON, or nothing for another one."""
    if not reads_plain_json(message.type):
        return []
    names: dict[str, str] = {}
    for name, function in (("struct", "struct"), ("value", "value"), ("list", "list_value")):
        other = Type(kind=message.type.kind, name=_class(name), package=_PACKAGE, function=function)
        names |= {f"{verb}_{name}": scope.own_function(verb, other) for verb in ("write", "read")}
    own = {
        "write": scope.own_function("write", message.type),
        "read": scope.own_function("read", message.type),
        "name": message.name,
        "function": message.function,
    }
    return [text.format(**own, **names).strip() for text in (_CODEC, _TEXTS[message.name])]


def _class(name: str) -> str:
    return {"struct": "Struct", "value": "Value", "list": "ListValue"}[name]
