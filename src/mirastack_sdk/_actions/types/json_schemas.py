"""The JSON schemas of types as other programs read them: JSON Schema 2020-12."""

import enum
from collections.abc import Mapping

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import PydanticOmit, PydanticSerializationError, core_schema

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk.errors import ResultError

_UNDESCRIBED = (
    PydanticInvalidForJsonSchema,
    PydanticOmit,
    PydanticUserError,
    TypeError,
    ValueError,
)
_LIMITS = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
    }
)


class PlainGenerator(GenerateJsonSchema):
    """pydantic's schemas, with our form of defaults and without titles of fields."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default", "skipped-discriminator"}  # noqa: RUF012 - of the base class

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - of the base class
        return False

    def encode_default(self, dft: object) -> object:
        try:
            return json_value(dft)
        except ResultError as error:
            raise PydanticSerializationError(str(error)) from error

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        if issubclass(schema["cls"], enum.Flag):
            # Members can be combined, so that the values are not listed.
            return {"type": "integer", "minimum": 0}
        return super().enum_schema(schema)

    def fraction_schema(self, schema: core_schema.FractionSchema) -> JsonSchemaValue:  # noqa: ARG002 - of the base class
        return {"type": "string"}

    def complex_schema(self, schema: core_schema.ComplexSchema) -> JsonSchemaValue:  # noqa: ARG002 - of the base class
        return {"type": "string"}


def object_schema(
    adapters: Mapping[str, TypeAdapter[object]], mode: JsonSchemaMode
) -> dict[str, object]:
    """The schema of an object whose members have these types.

    A member that JSON Schema cannot describe may have any value.
    """
    described: list[tuple[str, JsonSchemaMode, TypeAdapter[object]]] = [
        (name, mode, adapter) for name, adapter in adapters.items() if _has_schema(adapter, mode)
    ]
    found, shared = TypeAdapter.json_schemas(described, schema_generator=PlainGenerator)
    properties: dict[str, object] = {name: found.get((name, mode), {}) for name in adapters}
    schema: dict[str, object] = {"type": "object", "properties": properties}
    if "$defs" in shared:
        schema["$defs"] = shared["$defs"]
    return schema


def without_limits(schema: object, *, names: bool = False) -> object:
    """A schema without limits of values, which a truncated result need not keep.

    `names` says that the keys of `schema` are names of the author's.
    """
    match schema:
        case dict():
            return {
                key: without_limits(value, names=not names and key in {"properties", "$defs"})
                for key, value in schema.items()
                if names or key not in _LIMITS
            }
        case list():
            return [without_limits(item) for item in schema]
        case _:
            return schema


def _has_schema(adapter: TypeAdapter[object], mode: JsonSchemaMode) -> bool:
    try:
        adapter.json_schema(schema_generator=PlainGenerator, mode=mode)
    except _UNDESCRIBED:
        return False
    return True
