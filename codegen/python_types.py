"""The text of a field in Python: its annotation, its default and its declaration."""

from codegen.model import Field, Kind, Label, MessageType, Oneof, Package, Tree, Type
from codegen.scalars import SCALARS
from codegen.scope import Scope


class PythonTypes:
    """The texts for the fields of one package's messages, in a module with the given scope."""

    def __init__(self, tree: Tree, package: Package, scope: Scope) -> None:
        self._package = package
        self._scope = scope
        self._order = {message.type: index for index, message in enumerate(package.messages)}
        self._zeros = {
            enum.type: next(member.name for member in enum.members if member.number == 0)
            for found in tree.packages
            for enum in found.enums
        }

    def python_type(self, value_type: Type) -> str:
        """Return the Python type of one value."""
        match value_type.kind:
            case Kind.SCALAR | Kind.WRAPPED:
                return SCALARS[value_type.name].python
            case Kind.ENUM | Kind.MESSAGE:
                return self._scope.class_of(value_type)
            case Kind.TIME:
                return "datetime"
            case Kind.SPAN:
                return "timedelta"

    def annotation(self, message: MessageType, field: Field) -> str:
        """Return a field's type, in quotes if it names a class that may be defined later."""
        return self._quoted(message, field, self._annotation(field))

    def parameter(self, message: MessageType, field: Field) -> str:
        """Return a field's type and default as a parameter of the constructor."""
        text = self._annotation(field)
        if field.label in (Label.REPEATED, Label.MAP):
            text += " | None"
        return f"{self._quoted(message, field, text)} = {self._default(field)}"

    def initial(self, message: MessageType, field: Field) -> str:
        """Return the statement with which the constructor sets a field, or `""`.

        The members of a oneof are set together, after the last of them.
        """
        name = field.attribute
        match field.label:
            case Label.REPEATED:
                return f"self.{name} = [] if {name} is None else {name}"
            case Label.MAP:
                return f"self.{name} = {{}} if {name} is None else {name}"
            case Label.MEMBER:
                return self._choice(message, field)
            case _:
                return f"self.{name} = {name}"

    def _choice(self, message: MessageType, field: Field) -> str:
        oneof: Oneof = next(item for item in message.oneofs if item.attribute == field.oneof)
        members = message.members(oneof)
        if field != members[-1]:
            return ""
        values = ", ".join(f"{member.attribute}={member.attribute}" for member in members)
        return f'self.set_one("{oneof.attribute}", {values})'

    def betterproto_field(self, field: Field) -> str:
        """Return the declaration from which betterproto reads a field's number and type."""
        if field.label is Label.MAP:
            key, value = (
                f"betterproto.TYPE_{name.upper()}"
                for name in (field.key, _betterproto_name(field.type))
            )
            return f"betterproto.map_field({field.number}, {key}, {value})"
        options = ""
        if field.label is Label.MEMBER:
            options += f', group="{field.oneof}"'
        if field.type.kind is Kind.WRAPPED:
            options += f", wraps=betterproto.TYPE_{field.type.name.upper()}"
        if field.label is Label.OPTIONAL:
            options += ", optional=True"
        text = f"betterproto.{_betterproto_name(field.type)}_field({field.number}{options})"
        return f"OneofField.declare({text})" if field.label is Label.MEMBER else text

    def zero(self, value_type: Type) -> str:
        """Return the value of a field, list element or map value that is not sent."""
        match value_type.kind:
            case Kind.SCALAR | Kind.WRAPPED:
                return SCALARS[value_type.name].zero
            case Kind.ENUM:
                return f"{self._scope.class_of(value_type)}.{self._zeros[value_type]}"
            case Kind.MESSAGE:
                return f"{self._scope.class_of(value_type)}()"
            case Kind.TIME:
                return "EPOCH"
            case Kind.SPAN:
                return "NO_TIME"

    def _annotation(self, field: Field) -> str:
        text = self.python_type(field.type)
        match field.label:
            case Label.REPEATED:
                return f"list[{text}]"
            case Label.MAP:
                return f"dict[{SCALARS[field.key].python}, {text}]"
            case Label.OPTIONAL | Label.MEMBER:
                return f"{text} | None"
            case _:
                return text

    def _default(self, field: Field) -> str:
        return self.zero(field.type) if field.label is Label.SINGULAR else "None"

    def _quoted(self, message: MessageType, field: Field, text: str) -> str:
        if field.type.kind is not Kind.MESSAGE:
            return text
        later = self._order.get(field.type, len(self._order)) >= self._order[message.type]
        return f'"{text}"' if later else text


def _betterproto_name(value_type: Type) -> str:
    match value_type.kind:
        case Kind.SCALAR:
            return value_type.name
        case Kind.ENUM:
            return "enum"
        case _:
            return "message"
