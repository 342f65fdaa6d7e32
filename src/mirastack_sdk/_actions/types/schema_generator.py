"""The JSON schemas of pydantic, with what they omit: names, texts and limits."""

import enum
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import ByteSize
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticSerializationError, core_schema

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.types.annotated_texts import annotated_text, hints_of, unit_of
from mirastack_sdk._actions.types.choices import choices_of_enum, choices_of_literal
from mirastack_sdk._actions.types.from_json_schema import (
    CHOICES,
    CLOSED,
    FIELD_NAMES,
    KEYS,
    LIMITS,
)
from mirastack_sdk._actions.types.limit_words import (
    bounds,
    checks,
    is_secret,
    lengths,
    limits_of,
    pattern_text,
    text_limit,
)
from mirastack_sdk._actions.types.time_zones import UnusableLimitError, refuse_unchecked
from mirastack_sdk.errors import ResultError


class SchemaGenerator(GenerateJsonSchema):
    """Adds what pydantic's JSON schemas omit: names of members and fields, texts and limits."""

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        kind: type[enum.Enum] = schema["cls"]
        limits = ["or a sum of them"] if issubclass(kind, enum.Flag) else []
        return _limited({CHOICES: choices_of_enum(kind)}, limits)

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
        return _limited({"type": "number", "format": "decimal"}, bounds(schema))

    def fraction_schema(self, schema: core_schema.FractionSchema) -> JsonSchemaValue:
        return _limited({"type": "string", "format": "fraction"}, bounds(schema))

    def complex_schema(self, schema: core_schema.ComplexSchema) -> JsonSchemaValue:  # noqa: ARG002 - of the base class
        return {"type": "string", "format": "complex"}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        described = super().datetime_schema(schema)
        if schema.get("tz_constraint") == "naive":
            described["format"] = "naive-date-time"
        return _limited(described, bounds(schema))

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return _limited(super().date_schema(schema), bounds(schema))

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        return _limited(super().time_schema(schema), bounds(schema))

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        described = super().str_schema(schema)
        if "pattern" in schema:
            described["pattern"] = pattern_text(schema["pattern"])
        limits = ["only ASCII characters"] if schema.get("ascii_only") else []
        return _limited(described, limits)

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        described = super().bytes_schema(schema)
        config = self._config
        named = config.val_json_bytes if self.mode == "validation" else config.ser_json_bytes
        described["format"] = _BYTES.get(named, "binary")
        # Characters of base64 are not what is counted.
        least, most = described.pop("minLength", None), described.pop("maxLength", None)
        return _limited(described, lengths("byte", least, most))

    def function_after_schema(
        self, schema: core_schema.AfterValidatorFunctionSchema
    ) -> JsonSchemaValue:
        described = super().function_after_schema(schema)
        function = schema["function"]["function"]
        if function == ByteSize._validate:  # noqa: SLF001 - pydantic has no other mark for it
            return {"type": "string", "format": "byte-size"}
        for name, limit in limits_of(function).items():
            if not _applies(name, limit, described):
                raise UnusableLimitError(f"{name} does not apply to values of this type")
        return _limited(described, checks(function))

    def chain_schema(self, schema: core_schema.ChainSchema) -> JsonSchemaValue:
        described = super().chain_schema(schema)
        texts = [text for step in schema["steps"][1:] if (text := text_limit(step))]
        if self.mode != "validation" or not texts:
            return described
        if not _is_text(described):
            names = (name for text in texts for name in text if name != "type")
            raise UnusableLimitError(f"{next(names)} does not apply to values of this type")
        patterns = [text["pattern"] for text in texts if "pattern" in text]
        return _limited(described, [f"matching {pattern_text(found)}" for found in patterns])

    def json_or_python_schema(self, schema: core_schema.JsonOrPythonSchema) -> JsonSchemaValue:
        described = super().json_or_python_schema(schema)
        # pydantic marks SecretStr and SecretBytes, but not Secret.
        return {**described, "writeOnly": True} if is_secret(schema) else described

    def json_schema(self, schema: core_schema.JsonSchema) -> JsonSchemaValue:
        described = super().json_schema(schema)
        if described.get("contentSchema"):
            described["items"] = described["contentSchema"]
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
        return _url(super().url_schema(schema), schema)

    def multi_host_url_schema(self, schema: core_schema.MultiHostUrlSchema) -> JsonSchemaValue:
        return _url(super().multi_host_url_schema(schema), schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return self._with_texts(super().model_schema(schema), schema["cls"])

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        described = super().timedelta_schema(schema)
        described = _limited(described, bounds(schema, unit=timedelta))
        if self.mode != "validation" and described.get("format") == "duration":
            described["format"] = "iso-duration"
        return described

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        described = super().dataclass_schema(schema)
        return self._closed(described, schema["cls"])

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        described = super().typed_dict_schema(schema)
        return self._closed(described, schema.get("cls"))

    def named_tuple_schema(self, schema: core_schema.NamedTupleSchema) -> JsonSchemaValue:
        return self._with_fields(super().named_tuple_schema(schema), schema["cls"])

    def _with_fields(self, described: JsonSchemaValue, cls: object) -> JsonSchemaValue:
        """A named tuple's schema with the names and texts of its fields."""
        names: tuple[str, ...] = getattr(cls, "_fields", ())
        if names:
            described[FIELD_NAMES] = list(names)
            if self.mode != "validation":
                described["minItems"] = len(names)
            self._describe(cls, dict(zip(names, described["prefixItems"], strict=True)))
        return described

    def _closed(self, described: JsonSchemaValue, cls: object) -> JsonSchemaValue:
        described[CLOSED] = "additionalProperties" not in described
        return self._with_texts(described, cls)

    def _with_texts(self, described: JsonSchemaValue, cls: object) -> JsonSchemaValue:
        self._describe(cls, described.get("properties", {}))
        return described

    def _describe(self, cls: object, fields: Mapping[str, JsonSchemaValue]) -> None:
        """Add the texts in the annotations of a class to its fields."""
        for name, hint in hints_of(cls).items():
            refuse_unchecked(name, hint)
            text, unit = annotated_text(hint), unit_of(getattr(hint, "__metadata__", ()))
            for field in (fields[known] for known in _names_of(cls, name) if known in fields):
                if text:
                    field.setdefault("description", text)
                if unit:
                    field[LIMITS] = [*field.get(LIMITS, ()), unit]


_BYTES: Mapping[str, str] = {"base64": "base64url", "hex": "hex"}
"""The formats of bytes, by pydantic's names in a config; it converts these itself."""
_TEXT_FORMATS = frozenset({"", "base64", "base64url", "email"})
"""The formats whose values are `str` in Python as well."""
_SIZED = frozenset({"binary", "password"})
"""The formats of other values that have a length."""
_LENGTH_OF_A_URL = 2083
"""pydantic's own limit, which does not help anybody to write one."""


def _limited(described: JsonSchemaValue, limits: Sequence[str]) -> JsonSchemaValue:
    if limits:
        described = {**described, LIMITS: [*described.get(LIMITS, ()), *limits]}
    return described


def _is_text(described: JsonSchemaValue) -> bool:
    """Whether all values of a schema are `str` in Python."""
    if "anyOf" in described:
        return all(map(_is_text, described["anyOf"]))
    if CHOICES in described:
        return all(isinstance(choice.given, str) for choice in described[CHOICES])
    is_plain = described.get("format", "") in _TEXT_FORMATS and not described.get("writeOnly")
    return described.get("type") == "string" and is_plain


def _applies(name: str, limit: object, described: JsonSchemaValue) -> bool:
    """Whether values of a type have what a limit is about; the check would raise for all others."""
    if "anyOf" in described or "type" not in described:
        return True
    if name in {"min_length", "max_length"}:
        is_counted = described["type"] in {"array", "object"} or described.get("format") in _SIZED
        return is_counted or _is_text(described)
    return not (_is_text(described) and isinstance(limit, int | float))


def _url(
    described: JsonSchemaValue, schema: core_schema.UrlSchema | core_schema.MultiHostUrlSchema
) -> JsonSchemaValue:
    limits: list[str] = []
    schemes = schema.get("allowed_schemes") or ()
    # Those with the name of a driver are too many.
    if schemes := [scheme for scheme in schemes if "+" not in scheme] or schemes:
        limits.append(f"beginning with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    most = schema.get("max_length")
    if most != _LENGTH_OF_A_URL:
        limits += lengths("character", None, most)
    return _limited({key: described[key] for key in ("type", "format")}, limits)


def _names_of(cls: object, name: str) -> set[str]:
    """The names that a field may have in a schema."""
    infos: Mapping[str, FieldInfo] = getattr(cls, "__pydantic_fields__", {})
    info = infos.get(name)
    if info is None:
        return {name}
    aliases = (info.alias, info.validation_alias, info.serialization_alias)
    return {name, *(alias for alias in aliases if isinstance(alias, str))}
