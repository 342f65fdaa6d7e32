"""The reader of parameters: a language model's text, as a value that pydantic can convert."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from mirastack_sdk._actions.convert.json_content import read_json_text
from mirastack_sdk._actions.convert.scalars import (
    NULLS,
    UNREAD,
    WrittenNumber,
    chosen,
    has_endless_digits,
    is_infinite,
    looks_like_date,
    parsed_json,
    read_boolean,
    read_choice,
    read_formatted,
    read_integer,
    read_number,
    unquoted,
)
from mirastack_sdk._actions.types.shapes import Choice, Shape, TypeShape
from mirastack_sdk._deferred.dataclasses import dataclass

type Path = tuple[str | int, ...]
type ReadPart = Callable[[object, Shape, Path], object]

_ANY_TEXT_FORMATS = frozenset({"", "path", "file-path", "directory-path", "password"})
_NESTED = frozenset({"array", "object"})
_SCALARS = frozenset({"string", "integer", "number", "boolean", "choice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value, and the paths of `wrong` and `unknown` parts that pydantic would accept.

    A value that is `endless` must not be passed to pydantic, which would not return.
    """

    value: object
    wrong: tuple[Path, ...]
    unknown: tuple[Path, ...]
    endless: bool = False


def read(text: str, type_shape: TypeShape) -> Reading:
    """Read a text as a value of a type.

    A part that cannot be read stays as it is, and pydantic decides. Raises `RecursionError` for a
    value that is nested too deeply.
    """
    reader = Reader(type_shape)
    value = reader.text(text, type_shape.root, ())
    return Reading(
        value=value,
        wrong=tuple(reader.wrong),
        unknown=tuple(reader.unknown),
        endless=reader.endless,
    )


@dataclass(slots=True)
class Reader:
    """Reads one value by the shape of its type; notes what pydantic would accept wrongly."""

    type_shape: TypeShape
    wrong: list[Path] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    endless: bool = False

    def value(self, value: object, shape: Shape, path: Path) -> object:
        """The JSON value read by a shape, or the same value if that is not possible."""
        found = chosen(value, self._choices(shape))
        if found is not UNREAD:
            return found
        match value:
            case str():
                return self._string(value, shape, path)
            case list():
                return self._list(value, shape, path)
            case dict():
                return self._object(value, shape, path)
            case None:
                return None
            case _:
                return self._plain(value, shape, path)

    def _string(self, string: str, shape: Shape, path: Path) -> object:
        """A JSON string: it stays one if the type allows strings, whatever else it allows."""
        if any(map(_is_any_text, self.type_shape.options(shape))):
            return string
        return self.text(string, shape, path)

    def _written(self, number: WrittenNumber, shape: Shape, path: Path) -> object:
        """A number that is not whole: its digits where they count, else the number."""
        options = self.type_shape.options(shape)
        if not any(option.kind in {"any", "number"} and not option.format for option in options):
            if any(option.format == "decimal" for option in options):
                self._refuse_infinity(number, path)
                return Decimal(number.text)
            if any(option.format == "fraction" for option in options):
                self._note_endless(number.text, path)
                return number.text
            if any(map(_is_any_text, options)):
                return number.text
            if any(option.kind == "integer" for option in options):
                whole = read_integer(number.text)
                return number.value if whole is UNREAD else whole
        self._refuse_infinity(number, path)
        return self._plain(number.value, shape, path)

    def _refuse_infinity(self, number: WrittenNumber, path: Path) -> None:
        if is_infinite(number.text):
            self.wrong.append(path)

    def _note_endless(self, text: str, path: Path) -> None:
        """Note a fraction with so many digits that Python would not end; pydantic may let it."""
        if has_endless_digits(text):
            self.wrong.append(path)
            self.endless = True

    def _choices(self, shape: Shape) -> Iterator[Choice]:
        for option in self.type_shape.options(shape):
            yield from option.choices

    def text(self, text: object, shape: Shape, path: Path) -> object:
        """A text that stands for a value of any type, as models write parameters."""
        if not isinstance(text, str):
            return self.value(text, shape, path)
        options = self.type_shape.options(shape)
        if any(text == choice.text for choice in self._choices(shape)):
            return read_choice(text, tuple(self._choices(shape)))
        if self.type_shape.is_nullable(shape) and text.strip().lower() in NULLS:
            return None
        for option in _strings_last(options):
            if option.format == "fraction":
                self._note_endless(text, path)
            if option.kind in _NESTED:
                found = self._text_as_json(text, option, shape, path)
            elif option.format == "json":
                found = read_json_text(text, option.items, self.type_shape)
            else:
                found = _text_as_scalar(text, option, alone=len(options) == 1)
            if found is not UNREAD:
                return found
        if any(_lets_wrong_text_pass(text, option) for option in options):
            self.wrong.append(path)
        return text

    def _text_as_json(self, text: str, option: Shape, shape: Shape, path: Path) -> object:
        """A list or an object that is written as JSON, for one option of a shape."""
        found = parsed_json(unquoted(text))
        if isinstance(found, list) and option.kind == "array":
            return self._list(found, shape, path)
        if isinstance(found, dict) and _has_members(option):
            return self._object(found, shape, path)
        if option.kind != "array":
            return UNREAD
        if isinstance(found, dict) and self._is_one_item(option, shape):
            return self._list([found], option, path)
        return self._text_as_items(text, option, shape, path)

    def _text_as_items(self, text: str, array: Shape, shape: Shape, path: Path) -> object:
        """A list that is written as items separated by commas."""
        options = self.type_shape.options(shape)
        alone = len(options) == 1 and not array.members
        # A text without a comma is a list of one item only if no other type can take it.
        splits = alone or ("," in text and not any(map(_is_any_text, options)))
        looks_like_json = text.lstrip()[:1] in {"[", "{", ""}
        items = array.prefix_items or (array.items or Shape(kind="string"),)
        if looks_like_json or not splits or not all(map(self._is_scalar, items)):
            return UNREAD
        parts = [part for part in (part.strip() for part in unquoted(text).split(",")) if part]
        return self._list(parts, array, path, self.text)

    def _is_one_item(self, array: Shape, shape: Shape) -> bool:
        """Whether an object must be the only item of an array."""
        if array.items is None or self._is_scalar(array.items):
            return False
        return not any(map(_has_members, self.type_shape.options(shape)))

    def _is_scalar(self, shape: Shape) -> bool:
        return all(option.kind in _SCALARS for option in self.type_shape.options(shape))

    def _list(
        self,
        values: Sequence[object],
        shape: Shape,
        path: Path,
        read_part: ReadPart | None = None,
    ) -> object:
        arrays = [option for option in self.type_shape.options(shape) if option.kind == "array"]
        if len(arrays) != 1:
            return [self._unshaped(value, (*path, at)) for at, value in enumerate(values)]
        (array,), read_part = arrays, read_part or self.value
        if array.members:
            # By name, so that errors use the names in the description.
            self.unknown += [(*path, at) for at in range(len(array.members), len(values))]
            named = dict(zip(array.members, values, strict=False))
            return self._members(named, array, path, read_part)
        return [
            read_part(value, item, (*path, index))
            for index, (value, item) in enumerate(zip(values, _item_shapes(array), strict=False))
        ]

    def _object(self, members: dict[str, object], shape: Shape, path: Path) -> object:
        options = [option for option in self.type_shape.options(shape) if _has_members(option)]
        if len(options) > 1:
            options = [option for option in options if self._may_be(members, option)]
        # If several options remain, pydantic finds the right one.
        if len(options) != 1:
            return self._unshaped(members, path)
        return self._members(members, options[0], path, self.value)

    def _may_be(self, members: dict[str, object], option: Shape) -> bool:
        """Whether an object has the members, and their choices, that an option requires."""
        has_all = option.members.keys() >= members.keys()
        if option.closed and option.additional is None and not has_all:
            return False
        return all(
            self._may_be_chosen(members[name], member.shape)
            if name in members
            else not member.required
            for name, member in option.members.items()
        )

    def _may_be_chosen(self, value: object, shape: Shape) -> bool:
        options = self.type_shape.options(shape)
        if any(option.kind != "choice" for option in options) or self.type_shape.is_nullable(shape):
            return True
        return any(
            read_choice(value, option.choices) is not UNREAD
            if isinstance(value, str)
            else chosen(value, option.choices) is not UNREAD
            for option in options
        )

    def _members(
        self, members: Mapping[str, object], found: Shape, path: Path, read_part: ReadPart
    ) -> object:
        read_members: dict[object, object] = {}
        for name, value in members.items():
            member = found.members.get(name)
            inner = found.additional if member is None else member.shape
            key = self._key(name, found.keys, path) if member is None else name
            if inner is None and found.closed:
                self.unknown.append((*path, name))
            read_members[key] = (
                self._unshaped(value, (*path, name))
                if inner is None
                else read_part(value, inner, (*path, name))
            )
        return read_members

    def _unshaped(self, value: object, path: Path) -> object:
        """A value that pydantic converts alone; the numbers in it are finite."""
        match value:
            case WrittenNumber():
                return self._written(value, Shape(kind="any"), path)
            case list():
                return [self._unshaped(part, (*path, at)) for at, part in enumerate(value)]
            case dict():
                return {name: self._unshaped(part, (*path, name)) for name, part in value.items()}
            case _:
                return value

    def _key(self, name: str, keys: Shape | None, path: Path) -> object:
        """The key for a name; pydantic converts keys that are not choices."""
        options = () if keys is None else self.type_shape.options(keys)
        if any(option.kind == "number" for option in options) and is_infinite(name):
            self.unknown.append((*path, name))
        if not options or any(option.kind != "choice" for option in options):
            return name
        read_keys = (read_choice(name, option.choices) for option in options)
        return next((key for key in read_keys if key is not UNREAD), name)

    def _plain(self, value: object, shape: Shape, path: Path) -> object:
        """A JSON number or boolean, which the shape may want as text or as a list."""
        if isinstance(value, WrittenNumber):
            return self._written(value, shape, path)
        option, *others = self.type_shape.options(shape)
        if others:
            return value
        if option.kind == "string":
            text = ("true" if value else "false") if isinstance(value, bool) else str(value)
            found = read_formatted(text, option.format)
            if found is UNREAD and _lets_wrong_text_pass(text, option):
                self.wrong.append(path)
            return value if found is UNREAD else found
        if option.kind == "array" and not option.members:
            return self._list([value], shape, path)
        return value


def _has_members(shape: Shape) -> bool:
    return shape.kind == "object" or bool(shape.members)


def _text_as_scalar(text: str, shape: Shape, *, alone: bool) -> object:
    match shape.kind:
        case "string":
            return read_formatted(text, shape.format)
        case "choice":
            return read_choice(text, shape.choices)
        case "boolean" | "integer" | "number":
            return _number_or_boolean(unquoted(text), shape, alone=alone)
        case _:
            return UNREAD


def _number_or_boolean(text: str, shape: Shape, *, alone: bool) -> object:
    if shape.kind == "boolean":
        return read_boolean(text, strict=not alone)
    if shape.kind == "integer":
        return read_integer(text)
    number = read_number(text)
    # A decimal keeps its digits exactly.
    return text.strip() if shape.format == "decimal" and number is not UNREAD else number


def _item_shapes(array: Shape) -> Iterator[Shape]:
    """The shapes of the items in order, without end."""
    yield from array.prefix_items
    while True:
        yield array.items or Shape(kind="any")


def _strings_last(options: Sequence[Shape]) -> Sequence[Shape]:
    """The options with plain strings last, because every text is a string."""
    return options if len(options) == 1 else sorted(options, key=_is_any_text)


def _is_any_text(shape: Shape) -> bool:
    """Whether every text is a value of a shape."""
    return shape.kind == "any" or (shape.kind == "string" and shape.format in _ANY_TEXT_FORMATS)


def _lets_wrong_text_pass(text: str, shape: Shape) -> bool:
    """Whether pydantic accepts a text that was not read.

    It takes any text as bytes, `nan` as a number, also in JSON or as a complex one, and a day that
    does not exist as seconds.
    """
    if shape.kind == "string":
        is_date = shape.format in {"date", "date-time"}
        return shape.format in {"binary", "complex", "json"} or (is_date and looks_like_date(text))
    return shape.kind == "number" and is_infinite(text)
