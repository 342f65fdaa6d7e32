"""What classes exclude, for values that pydantic does not write by their class."""

import dataclasses
import typing
from collections.abc import Mapping

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo


def fields_of(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass that are not excluded, for one that has no form."""
    names = [field.name for field in dataclasses.fields(kind)]
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return tuple(names)
    return tuple(name for name in names if not _is_excluded(hints.get(name)))


def as_declared(value: object, kind: type) -> object:
    """A mapping as an object of the class that an author declared for it.

    If it does not match the class, it is a mapping without what the class excludes. Any other value
    stays as it is.
    """
    if not isinstance(value, Mapping):
        return value
    try:
        return TypeAdapter(kind).validate_python(dict(value), by_alias=True, by_name=True)
    except ValidationError:
        excluded = _excluded(kind)
        return {name: part for name, part in value.items() if name not in excluded}


def _excluded(kind: type) -> set[str]:
    if issubclass(kind, BaseModel):
        return {name for name, info in kind.model_fields.items() if info.exclude}
    names = getattr(kind, "__dataclass_fields__", {})
    return set(names) - set(fields_of(kind))


def _is_excluded(hint: object) -> bool:
    metadata: tuple[object, ...] = getattr(hint, "__metadata__", ())
    return any(isinstance(found, FieldInfo) and found.exclude for found in metadata)
