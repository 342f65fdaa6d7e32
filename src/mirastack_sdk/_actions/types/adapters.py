"""The converters and shapes of annotated types, made by pydantic."""

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter
from pydantic.errors import (
    PydanticInvalidForJsonSchema,
    PydanticSchemaGenerationError,
    PydanticUserError,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import PydanticSerializationError, core_schema

from mirastack_sdk._actions.result.declared_form import DeclaredForm, form_of
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.choices import choices_of_enum, choices_of_literal
from mirastack_sdk._actions.types.eager_types import eager_type
from mirastack_sdk._actions.types.from_json_schema import (
    CHOICES,
    CLOSED,
    FIELD_NAMES,
    KEYS,
    type_shape,
)
from mirastack_sdk._actions.types.shapes import TypeShape
from mirastack_sdk.errors import ResultError

_UNKNOWN_CLASS = re.compile(r"^Unable to generate .*<class '(?:[^']*\.)?([^'.]+)'>")
"""Finds the class that pydantic has no schema for, which may be nested in another type."""


class UnusableTypeError(Exception):
    """A type that pydantic or JSON cannot express; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedValue:
    """A type: the converter for its values, and their shape."""

    adapter: TypeAdapter[object]
    shape: TypeShape


def typed_value(annotation: object) -> TypedValue:
    """The converter and the shape of an annotated type; raises `UnusableTypeError`."""
    adapter = type_adapter(eager_type(annotation))
    return TypedValue(adapter=adapter, shape=_shape(adapter, "validation"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputType:
    """The type of a result: the shape of its values, and the form that it declares, if any."""

    form: DeclaredForm | None
    shape: TypeShape


def output_type(annotation: object) -> OutputType:
    """The type of a result; raises `UnusableTypeError`."""
    adapter = type_adapter(annotation)
    return OutputType(shape=_shape(adapter, "serialization"), form=form_of(adapter))


def type_adapter(annotation: object) -> TypeAdapter[object]:
    """The converter for a type; raises `UnusableTypeError`."""
    try:
        return TypeAdapter(annotation)  # type: ignore[arg-type] # a type form of run time
    except PydanticSchemaGenerationError as error:
        named = _UNKNOWN_CLASS.search(str(error))
        name = named[1] if named else "it"
        raise UnusableTypeError(f"pydantic has no converter for {name}") from error
    except (PydanticUserError, NameError, TypeError, ValueError, AttributeError) as error:
        raise UnusableTypeError(_first_line(error)) from error


def _shape(adapter: TypeAdapter[object], mode: JsonSchemaMode) -> TypeShape:
    try:
        return type_shape(adapter.json_schema(schema_generator=_Generator, mode=mode))
    except PydanticInvalidForJsonSchema as error:
        raise UnusableTypeError("JSON has nothing like it") from error
    except (PydanticUserError, TypeError, ValueError) as error:
        raise UnusableTypeError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


class _Generator(GenerateJsonSchema):
    """Adds what pydantic's JSON schemas omit: names of members and fields, texts in annotations."""

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        return {CHOICES: choices_of_enum(schema["cls"])}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        return {CHOICES: list(choices_of_literal(schema["expected"]))}

    def encode_default(self, dft: object) -> object:
        try:
            return json_value(dft)
        except ResultError as error:
            raise PydanticSerializationError(str(error)) from error

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        if self.mode != "validation":
            return {"type": "string"}
        described = super().decimal_schema(schema)
        number = described["anyOf"][0] if "anyOf" in described else described
        return {**number, "type": "number", "format": "decimal"}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        described = super().datetime_schema(schema)
        if schema.get("tz_constraint") == "naive":
            described["format"] = "naive-date-time"
        return described

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if self.mode != "validation":
            # A result always contains the field.
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        if self.mode == "validation" or field["type"] == "typed-dict-field":
            return super().field_is_required(field, total)
        return field.get("serialization_exclude_if") is None

    def generator_schema(self, schema: core_schema.GeneratorSchema) -> JsonSchemaValue:
        if self.mode == "validation":
            raise ValueError("the items of an Iterable in a class are not checked: use a list")
        return super().generator_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        described = super().dict_schema(schema)
        if "keys_schema" in schema:
            described[KEYS] = self.generate_inner(schema["keys_schema"])
        for values in described.pop("patternProperties", {}).values():
            described["additionalProperties"] = values
        return described

    def url_schema(self, schema: core_schema.UrlSchema) -> JsonSchemaValue:
        described = super().url_schema(schema)
        # The maximum length of a URL does not help anybody to write one.
        return {key: described[key] for key in ("type", "format") if key in described}

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        described = super().timedelta_schema(schema)
        if self.mode != "validation" and described.get("format") == "duration":
            described["format"] = "iso-duration"
        return described

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        described = super().dataclass_schema(schema)
        return self._with_texts(described, schema["cls"])

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        described = super().typed_dict_schema(schema)
        return self._with_texts(described, schema.get("cls"))

    def named_tuple_schema(self, schema: "core_schema.NamedTupleSchema") -> JsonSchemaValue:
        # Quoted, because the oldest supported pydantic has no such schema.
        return self._with_fields(super().named_tuple_schema(schema), schema["cls"])

    def call_schema(self, schema: core_schema.CallSchema) -> JsonSchemaValue:
        # Earlier versions of pydantic use this schema for named tuples.
        return self._with_fields(super().call_schema(schema), schema["function"])

    def _with_fields(self, described: JsonSchemaValue, cls: object) -> JsonSchemaValue:
        """A named tuple's schema with the names and texts of its fields."""
        names: tuple[str, ...] = getattr(cls, "_fields", ())
        if names:
            described[FIELD_NAMES] = list(names)
            if self.mode != "validation":
                described["minItems"] = len(names)
            texts = _texts_of_fields(cls)
            for name, item in zip(names, described["prefixItems"], strict=True):
                if name in texts:
                    item.setdefault("description", texts[name])
        return described

    def _with_texts(self, described: JsonSchemaValue, cls: object) -> JsonSchemaValue:
        described[CLOSED] = "additionalProperties" not in described
        texts = _texts_of_fields(cls)
        for name, property_schema in described.get("properties", {}).items():
            if name in texts:
                property_schema.setdefault("description", texts[name])
        return described


def _texts_of_fields(cls: object) -> Mapping[str, str]:
    """The texts in the annotations of fields: `Annotated[int, "At most this many."]`."""
    if not isinstance(cls, type):
        return {}
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}
    return {name: text for name, hint in hints.items() if (text := annotated_text(hint))}


def annotated_text(hint: object) -> str:
    """The first text in an annotation's metadata, or an empty text."""
    metadata: tuple[object, ...] = getattr(hint, "__metadata__", ())
    return next((text for text in metadata if isinstance(text, str)), "")
