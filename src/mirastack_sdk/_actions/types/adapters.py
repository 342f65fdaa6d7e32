"""The converters and shapes of annotated types, made by pydantic."""

import enum
import numbers
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pydantic import TypeAdapter
from pydantic.errors import (
    PydanticInvalidForJsonSchema,
    PydanticSchemaGenerationError,
    PydanticUserError,
)
from pydantic.json_schema import JsonSchemaMode
from pydantic_core import SchemaError

from mirastack_sdk._actions.result.declared_form import DeclaredForm, form_of
from mirastack_sdk._actions.types.eager_types import eager_type
from mirastack_sdk._actions.types.from_json_schema import type_shape
from mirastack_sdk._actions.types.schema_generator import SchemaGenerator
from mirastack_sdk._actions.types.shapes import TypeShape
from mirastack_sdk._actions.types.time_zones import UnusableLimitError
from mirastack_sdk._deferred.dataclasses import dataclass

_UNKNOWN_CLASS = re.compile(r"^Unable to generate .*<class '(?:[^']*\.)?([^'.]+)'>")
"""Finds the class that pydantic has no schema for, which may be nested in another type."""
_KINDS_OF_DEFAULTS = (str, bytes, numbers.Number)
_PATTERN = "regex parse error"


class UnusableTypeError(Exception):
    """A type that pydantic or JSON cannot express; the text says why.

    `is_limit` says that only a limit of it is wrong, such as a pattern.
    """

    def __init__(self, reason: str, *, is_limit: bool = False) -> None:
        super().__init__(reason)
        self.is_limit = is_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedValue:
    """A type: the converter for its values, and their shape."""

    adapter: TypeAdapter[object]
    shape: TypeShape


def typed_value(annotation: object) -> TypedValue:
    """The converter and the shape of an annotated type; raises `UnusableTypeError`."""
    try:
        adapter = type_adapter(eager_type(annotation))
    except UnusableLimitError as error:
        raise UnusableTypeError(str(error), is_limit=True) from error
    return TypedValue(adapter=adapter, shape=_shape(adapter, "validation"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputType:
    """The type of a result: the shape of its values, and the form that it declares, if any."""

    adapter: TypeAdapter[object]
    form: DeclaredForm | None
    shape: TypeShape


def output_type(annotation: object) -> OutputType:
    """The type of a result; raises `UnusableTypeError`."""
    adapter = type_adapter(annotation)
    shape = _shape(adapter, "serialization")
    return OutputType(adapter=adapter, shape=shape, form=form_of(adapter))


def type_adapter(annotation: object) -> TypeAdapter[object]:
    """The converter for a type; raises `UnusableTypeError`."""
    try:
        return TypeAdapter(annotation)  # type: ignore[arg-type] # a type form of run time
    except PydanticSchemaGenerationError as error:
        named = _UNKNOWN_CLASS.search(str(error))
        name = named[1] if named else "it"
        raise UnusableTypeError(f"pydantic has no converter for {name}") from error
    except SchemaError as error:
        raise UnusableTypeError(_limit_error(str(error)), is_limit=True) from error
    except RuntimeError as error:
        # pydantic raises it for a limit that a type cannot have.
        raise UnusableTypeError(_first_line(error), is_limit=True) from error
    except (PydanticUserError, NameError, TypeError, ValueError, AttributeError) as error:
        raise UnusableTypeError(_first_line(error)) from error


def declared_aliases(kind: type) -> Mapping[str, object]:
    """The alias by which pydantic reads each field of a dataclass; one that is a path is a tuple.

    Empty for a class that pydantic cannot describe.
    """
    try:
        schema = type_adapter(kind).core_schema
    except UnusableTypeError:
        return {}
    # Annotations are not enough, because a config may make the aliases.
    for found in _parts_of(schema):
        fields = found.get("fields")
        if found.get("dataclass_name") == kind.__name__ and isinstance(fields, list):
            return {field["name"]: _alias(field.get("validation_alias")) for field in fields}
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDefault:
    """A default, or a part of it, that is of another kind than the values of its type."""

    given: object
    converted: object
    is_part: bool = False


def kept_default(default: object, converted: object) -> KeptDefault | None:
    """What of a default, which nothing converts, is of another kind than its type's values.

    A number stands for any number.
    """
    if _is_other_kind(default, converted):
        return KeptDefault(given=default, converted=converted)
    parts = (kept_default(*pair) for pair in _pairs(default, converted))
    found = next(filter(None, parts), None)
    return None if found is None else replace(found, is_part=True)


def _is_other_kind(default: object, converted: object) -> bool:
    if isinstance(converted, enum.Enum):
        return not isinstance(default, enum.Enum)
    for kind in (Mapping, AbstractSet):
        if isinstance(default, kind) is not isinstance(converted, kind):
            return isinstance(default, Mapping | Sequence | AbstractSet)
    if hasattr(converted, "_fields") and isinstance(default, tuple):
        return not hasattr(default, "_fields")
    kinds = next((kinds for kinds in _KINDS_OF_DEFAULTS if isinstance(default, kinds)), None)
    return kinds is not None and not isinstance(converted, kinds)


def _pairs(default: object, converted: object) -> Iterable[tuple[object, object]]:
    """The parts of a default that is a collection, each with what it is converted to."""
    match default, converted:
        case Mapping(), Mapping():
            keys = zip(default, converted, strict=False)
            return [*keys, *zip(default.values(), converted.values(), strict=False)]
        case (str() | bytes(), _) | (_, str() | bytes()):
            return ()
        case Sequence(), Sequence():
            return zip(default, converted, strict=False)
        case AbstractSet(), AbstractSet():
            return zip(default - converted, converted - default, strict=False)
        case _:
            return ()


def _parts_of(schema: object) -> Iterator[Mapping[str, object]]:
    """A core schema and all schemas in it, the outer ones first."""
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from _parts_of(part)


def _alias(declared: object) -> object:
    """An alias of a core schema; of several, the first that is a name."""
    if not isinstance(declared, list):
        return declared
    paths = [tuple(path) for path in declared if isinstance(path, list)]
    return next((name for name, *rest in paths if not rest), tuple(declared))


def is_strict[Value](adapter: TypeAdapter[Value]) -> bool:
    """Whether pydantic's strict mode applies to any part of a type."""
    return _is_strict(adapter.core_schema)


def _is_strict(schema: object) -> bool:
    if isinstance(schema, list | tuple):
        return any(map(_is_strict, schema))
    if not isinstance(schema, dict):
        return False
    if schema.get("strict") is True:
        return True
    # What pydantic itself does in strict mode is no wish of the author's.
    inner = () if schema.get("type") == "lax-or-strict" else schema.values()
    return any(map(_is_strict, inner))


def _shape(adapter: TypeAdapter[object], mode: JsonSchemaMode) -> TypeShape:
    try:
        return type_shape(adapter.json_schema(schema_generator=SchemaGenerator, mode=mode))
    except UnusableLimitError as error:
        raise UnusableTypeError(str(error), is_limit=True) from error
    except PydanticInvalidForJsonSchema as error:
        raise UnusableTypeError("JSON has nothing like it") from error
    except (PydanticUserError, TypeError, ValueError) as error:
        raise UnusableTypeError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _limit_error(text: str) -> str:
    """The reason in the text of a `SchemaError`, which names every type around the limit."""
    reason = text.rpartition("SchemaError: ")[2]
    if _PATTERN not in reason:
        return reason.strip().rpartition(": ")[2].rstrip(".")
    pattern, _, fault = reason.partition(_PATTERN)[2].rpartition("error: ")
    written = next((line.strip() for line in pattern.splitlines() if line.strip(": ")), "")
    return (
        f"the pattern {written} cannot be compiled: {fault.strip()}; "
        "pydantic passes it to Rust, and a pattern in re.compile(...) to Python"
    )
