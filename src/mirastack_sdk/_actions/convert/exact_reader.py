"""The reader of results: JSON values that a program wrote."""

from mirastack_sdk._actions.convert.scalars import UNREAD, read_formatted
from mirastack_sdk._actions.convert.value_reader import Path, Reader, Reading
from mirastack_sdk._actions.types.shapes import Shape, TypeShape


def read_exactly(value: object, type_shape: TypeShape) -> Reading:
    """Read a JSON value that a program wrote: nothing stands for another kind of value."""
    reader = ExactReader(type_shape)
    found = reader.value(value, type_shape.root, ())
    return Reading(value=found, wrong=tuple(reader.wrong), unknown=tuple(reader.unknown))


class ExactReader(Reader):
    """Reads only what the type's values look like in JSON."""

    def text(self, text: object, shape: Shape, path: Path) -> object:
        for option in self.type_shape.options(shape):
            if option.kind == "string":
                found = read_formatted(str(text), option.format)
            else:
                found = text if option.format == "decimal" else UNREAD
            if found is not UNREAD:
                return found
        self.wrong.append(path)
        return text

    def _plain(self, value: object, shape: Shape, path: Path) -> object:
        if not any(_is_kind_of(value, option) for option in self.type_shape.options(shape)):
            self.wrong.append(path)
        return value


def _is_kind_of(value: object, shape: Shape) -> bool:
    """Whether a number or a boolean is written where a shape expects one."""
    match shape.kind:
        case "any":
            return True
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            # A config may write a duration as a number.
            return bool(shape.format)
