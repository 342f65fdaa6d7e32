"""Makes JSON of whatever an action returns, or says which part of it JSON does not have."""

import dataclasses
import enum
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from pydantic import BaseModel, TypeAdapter

from mirastack_sdk._actions.plain_values import Json, PartError, plain_writer
from mirastack_sdk._text import well_formed
from mirastack_sdk.errors import MirastackError

__all__ = ["Json", "ResultError", "json_value"]

_MOST_DEPTH = 200
_KNOWN_TO_PYDANTIC = "__get_pydantic_core_schema__"


class ResultError(MirastackError):
    """A result that JSON cannot hold; the text names the part and says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_result")


def json_value(value: object) -> Json:
    """A value as JSON has it.

    Dataclasses, pydantic models and mappings become objects, other collections and iterators
    arrays, sets in a stable order. Times are RFC 3339, in UTC where they have no offset; durations
    ISO 8601, decimals and UUIDs text, bytes base64, enumerations their value. Secrets stay hidden.

    Raises `ResultError`.
    """
    try:
        return _Encoder().json(value)
    except PartError as error:
        raise ResultError(error.text) from None


class _Encoder:
    """Encodes one value: what is made of a type is found out once.

    What is being encoded is remembered, since it might hold itself.
    """

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._writers: dict[type, Callable[[object], Json]] = {}

    def json(self, value: object) -> Json:
        if type(value) is str:  # by far the most
            return well_formed(value)
        kind = type(value)
        write = self._writers.get(kind)
        if write is None:
            write = self._writers[kind] = self._writer(value)
        return write(value)

    def _writer(self, value: object) -> Callable[[object], Json]:
        """What makes JSON of values of this one's type."""
        if isinstance(value, enum.Enum):
            return self._member
        plain = plain_writer(value)
        return self._guarded(self._collection(value)) if plain is None else plain

    def _collection(self, value: object) -> Callable[[object], Json]:
        kind = type(value)
        if isinstance(value, BaseModel):
            return self._model
        if dataclasses.is_dataclass(kind):
            return self._dataclass(tuple(field.name for field in dataclasses.fields(kind)))
        if hasattr(kind, _KNOWN_TO_PYDANTIC):
            return self._known_to_pydantic(TypeAdapter(kind))
        if isinstance(value, Mapping):
            return self._mapping
        if isinstance(value, Iterable) and not isinstance(value, type):
            return self._set if isinstance(value, AbstractSet) else self._array
        raise PartError(
            f"is of type {kind.__name__}, of which no JSON can be made: "
            "return a dataclass, a pydantic model, a dict or a list"
        )

    def _guarded(self, write: Callable[[object], Json]) -> Callable[[object], Json]:
        """The same for what might hold itself, or more than can be read."""

        def guarded(value: object) -> Json:
            if id(value) in self._open:
                raise PartError("holds itself, and JSON has no such loops")
            if len(self._open) >= _MOST_DEPTH:
                raise ResultError(f"the result is nested more than {_MOST_DEPTH} deep")
            self._open.add(id(value))
            try:
                return write(value)
            finally:
                self._open.discard(id(value))

        return guarded

    def _member(self, value: object) -> Json:
        return self.json(value.value) if isinstance(value, enum.Enum) else None

    def _model(self, value: object) -> Json:
        # As `model_dump` has it: the model's own names and serialisers.
        return self.json(value.model_dump(by_alias=True)) if isinstance(value, BaseModel) else None

    def _dataclass(self, names: tuple[str, ...]) -> Callable[[object], Json]:
        return lambda value: self._object((name, getattr(value, name)) for name in names)

    def _known_to_pydantic(self, adapter: TypeAdapter[object]) -> Callable[[object], Json]:
        return lambda value: self.json(adapter.dump_python(value, mode="json"))

    def _mapping(self, value: object) -> Json:
        return self._object(value.items()) if isinstance(value, Mapping) else None

    def _set(self, value: object) -> Json:
        return sorted(self._array(value), key=repr)

    def _array(self, value: object) -> list[Json]:
        items: list[Json] = []
        for item in value if isinstance(value, Iterable) else ():
            try:
                items.append(self.json(item))
            except PartError as error:
                error.way.append(f"[{len(items)}]")
                raise
        return items

    def _object(self, pairs: Iterable[tuple[object, object]]) -> Json:
        members: dict[str, Json] = {}
        for key, value in pairs:
            name = well_formed(key) if type(key) is str else self._name(key)
            if name in members:
                raise PartError(f"has two keys that are {name!r} as text")
            try:
                members[name] = self.json(value)
            except PartError as error:
                error.way.append(f".{name}")
                raise
        return members

    def _name(self, key: object) -> str:
        is_nested = isinstance(key, Iterable) and plain_writer(key) is None
        match key if is_nested else self.json(key):
            case str(name):
                return name
            case bool(flag):
                return "true" if flag else "false"
            case int() | float() as number:
                return str(number)
            case _:
                raise PartError(f"has a key of type {type(key).__name__}: JSON's keys are text")
