"""The text of a field in Python: its annotation, its default and its declaration."""

from codegen.model import Contract, Field, Kind, Label, MessageType, Type
from codegen.scalars import SCALARS


class PythonTypes:
    """The texts for the fields of one contract."""

    def __init__(self, contract: Contract) -> None:
        names = [message.name for message in contract.messages]
        self._order = {name: index for index, name in enumerate(names)}
        self._zeros = {enum.name: f"{enum.name}.{enum.members[0].name}" for enum in contract.enums}

    def annotation(self, message: MessageType, field: Field) -> str:
        """Return a field's type, in quotes if it names a class that is defined later."""
        return self._quoted(message, field, annotation(field))

    def parameter(self, message: MessageType, field: Field) -> str:
        """Return a field's type and default as a parameter of the constructor."""
        text = annotation(field)
        if field.label in (Label.REPEATED, Label.MAP):
            text += " | None"
        return f"{self._quoted(message, field, text)} = {self._default(field)}"

    def initial(self, field: Field) -> str:
        """Return the expression to which the constructor sets a field."""
        match field.label:
            case Label.REPEATED:
                return f"[] if {field.attribute} is None else {field.attribute}"
            case Label.MAP:
                return f"{{}} if {field.attribute} is None else {field.attribute}"
            case _:
                return field.attribute

    def betterproto_field(self, field: Field) -> str:
        """Return the declaration from which betterproto reads a field's number and type."""
        if field.label is Label.MAP:
            value = f"betterproto.TYPE_{_betterproto_name(field.type).upper()}"
            return f"betterproto.map_field({field.number}, betterproto.TYPE_STRING, {value})"
        optional = ", optional=True" if field.label is Label.OPTIONAL else ""
        return f"betterproto.{_betterproto_name(field.type)}_field({field.number}{optional})"

    def zero(self, value_type: Type) -> str:
        """Return the value of a field, list element or map value that is not sent."""
        match value_type.kind:
            case Kind.SCALAR:
                return SCALARS[value_type.name].zero
            case Kind.ENUM:
                return self._zeros[value_type.name]
            case Kind.MESSAGE:
                return f"{value_type.name}()"

    def _default(self, field: Field) -> str:
        return self.zero(field.type) if field.label is Label.SINGULAR else "None"

    def _quoted(self, message: MessageType, field: Field, text: str) -> str:
        later = (
            field.type.kind is Kind.MESSAGE
            and self._order[field.type.name] >= self._order[message.name]
        )
        return f'"{text}"' if later else text


def python_type(value_type: Type) -> str:
    """Return the Python type of one value."""
    return SCALARS[value_type.name].python if value_type.kind is Kind.SCALAR else value_type.name


def annotation(field: Field) -> str:
    """Return the Python type of a field."""
    text = python_type(field.type)
    match field.label:
        case Label.REPEATED:
            return f"list[{text}]"
        case Label.MAP:
            return f"dict[str, {text}]"
        case Label.OPTIONAL:
            return f"{text} | None"
        case Label.SINGULAR:
            return text


def _betterproto_name(value_type: Type) -> str:
    return value_type.name if value_type.kind is Kind.SCALAR else value_type.kind.name.lower()
