"""The texts in annotations, which describe parameters and fields."""

import inspect
import typing
from collections.abc import Mapping
from types import UnionType

_QUALIFIERS = frozenset({typing.Required, typing.NotRequired, typing.Final})


def hints_of(cls: object) -> Mapping[str, object]:
    """The annotations of a class, or nothing if they cannot be resolved."""
    if not isinstance(cls, type):
        return {}
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}


def annotated_text(hint: object) -> str:
    """The first text in an annotation's metadata, or an empty text.

    A text is a string or a `Doc` of PEP 727. Names of types, `NotRequired` and `None` may be around
    the annotation.
    """
    if isinstance(hint, typing.TypeAliasType):
        return annotated_text(hint.__value__)
    origin = typing.get_origin(hint)
    if origin in _QUALIFIERS:
        return annotated_text(typing.get_args(hint)[0])
    if origin in {typing.Union, UnionType}:
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return annotated_text(options[0]) if len(options) == 1 else ""
    metadata: tuple[object, ...] = getattr(hint, "__metadata__", ())
    found = (text for part in metadata if (text := _text_of(part)))
    return next(found, "") or (annotated_text(typing.get_args(hint)[0]) if metadata else "")


def _text_of(part: object) -> str:
    """A text in metadata; packages have a `Doc` of their own, each with the same attribute."""
    text: object = part
    if type(part).__name__ == "Doc":
        text = getattr(part, "documentation", "")
    return inspect.cleandoc(text) if isinstance(text, str) else ""
