"""The reader of texts that pydantic parses as JSON itself: the parameters of type `Json`."""

import math

from mirastack_sdk._actions.convert.scalars import UNREAD, WrittenNumber, parsed_json
from mirastack_sdk._actions.types.shapes import Shape, TypeShape
from mirastack_sdk._text import compact_json

_EXACT_FORMATS = frozenset({"decimal", "fraction"})


class _InfiniteError(Exception):
    """A number that is too large for a finite one."""


def read_json_text(text: str, content: Shape | None, type_shape: TypeShape) -> object:
    """The JSON text, with numbers that must keep their digits as strings; `content` is its shape.

    `UNREAD` for a text that is not JSON, or that contains an infinite number, as pydantic allows.
    """
    value = parsed_json(text)
    if value is UNREAD:
        return UNREAD
    try:
        return compact_json(_exact(value, content, type_shape))
    except _InfiniteError:
        return UNREAD


def _exact(value: object, shape: Shape | None, type_shape: TypeShape) -> object:
    options = () if shape is None else type_shape.options(shape)
    match value:
        case WrittenNumber():
            return _number(value, options)
        case list():
            items = next((option for option in options if option.kind == "array"), None)
            return [_exact(part, _item(items, at), type_shape) for at, part in enumerate(value)]
        case dict():
            return {
                name: _exact(part, _member(options, name), type_shape)
                for name, part in value.items()
            }
        case _:
            return value


def _number(number: WrittenNumber, options: tuple[Shape, ...]) -> object:
    if not math.isfinite(number.value):
        raise _InfiniteError
    takes_number = any(option.kind in {"any", "number"} and not option.format for option in options)
    is_exact = any(
        option.format in _EXACT_FORMATS or (option.kind == "string" and not option.format)
        for option in options
    )
    return number.text if is_exact and not takes_number else number.value


def _item(array: Shape | None, at: int) -> Shape | None:
    if array is None:
        return None
    return array.prefix_items[at] if at < len(array.prefix_items) else array.items


def _member(options: tuple[Shape, ...], name: str) -> Shape | None:
    for option in options:
        if name in option.members:
            return option.members[name].shape
    return next((option.additional for option in options if option.additional), None)
