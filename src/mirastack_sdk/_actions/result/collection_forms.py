"""The conversion of collections to those for which pydantic's serializers are made."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from pydantic import BaseModel
from pydantic_core import PydanticSerializationUnexpectedValue

type Write = Callable[[object], object]


def _as_list(value: object, write: Write) -> object:
    return write(list(_collection(value)))


def _as_tuple(value: object, write: Write) -> object:
    return write(tuple(_collection(value)))


def _as_generator(value: object, write: Write) -> object:
    found = _collection(value)
    # What has a size, such as a list, keeps it.
    return write(found) if isinstance(found, Iterator) else list(_collection(write(iter(found))))


def as_set(value: object, write: Write) -> object:
    written = write(list(_collection(value)))
    return set(_collection(written)) if isinstance(value, AbstractSet) else written


def _as_dict(value: object, write: Write) -> object:
    if not isinstance(value, Mapping):
        raise PydanticSerializationUnexpectedValue("expected a mapping")
    return write(dict(value))


def _collection(value: object) -> Iterable[object]:
    # A model is iterable too.
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | BaseModel):
        return value
    raise PydanticSerializationUnexpectedValue("expected a collection")


COERCED: Mapping[object, Callable[[object, Write], object]] = {
    "list": _as_list,
    "tuple": _as_tuple,
    "generator": _as_generator,
    "set": as_set,
    "frozenset": as_set,
    "dict": _as_dict,
    "typed-dict": _as_dict,
}
"""The conversion to what pydantic's serializer requires of a collection.

It would write another collection without the declarations for what is in it.
"""
