"""The declared form of models, dataclasses and typed dictionaries in JSON.

pydantic applies what the author declared: exclusions, aliases, serializers and computed fields. Its
serializers are rebuilt here so that they apply what is declared for JSON, but leave each value in a
field to our own encoder, which has the contract's formats and names the part that fails.
"""

import weakref
from collections.abc import Callable, Mapping

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import (
    PydanticSerializationError,
    PydanticSerializationUnexpectedValue,
    SchemaError,
    SchemaSerializer,
)

from mirastack_sdk._actions.result.class_values import as_declared
from mirastack_sdk._actions.result.collection_forms import COERCED, Write, as_set
from mirastack_sdk._actions.result.encoded_text import ENCODINGS, text_encoder

type Schema = Mapping[str, object]

_CLASSES = frozenset({"model", "dataclass"})
_UNIONS = frozenset({"union", "tagged-union"})
_NOT_SCHEMAS = frozenset({"cls", "config", "default", "expected", "members", "metadata"})
_DECLARED = ("serialization_alias", "serialization_exclude", "serialization_exclude_if")
_FOR_JSON: Mapping[object, str] = {"json": "always", "json-unless-none": "unless-none"}
_INNER: Mapping[object, tuple[str, ...]] = {
    "list": ("items_schema",),
    "set": ("items_schema",),
    "frozenset": ("items_schema",),
    "generator": ("items_schema",),
    "dict": ("values_schema",),
}
"""The schemas inside a collection, which pydantic omits if they allow anything."""
_FORMATTED = frozenset({"bytes", "timedelta", "float", "datetime", "date", "time"})
"""The types for which a class's config may choose a format."""


class FormError(Exception):
    """A serializer that failed; the text says how."""


class Inner:
    """A value inside another one, which has yet to be encoded by `kind` or by its own class.

    Not a dataclass, which pydantic would convert.
    """

    __slots__ = ("kind", "value")

    def __init__(self, value: object, kind: type | None) -> None:
        self.value = value
        self.kind = kind


class DeclaredForm:
    """How the values of one type are written; `is_plain` if simply field by field."""

    def __init__(self, serializer: SchemaSerializer, *, is_plain: bool) -> None:
        self._serializer = serializer
        self.is_plain = is_plain

    def apply(self, value: object) -> object:
        """The value with its fields as declared; raises `FormError`."""
        try:
            found: object = self._serializer.to_python(value, by_alias=True, warnings=False)
        except PydanticSerializationError as error:
            raise FormError(str(error)) from error
        return found


_FORMS: weakref.WeakKeyDictionary[type, DeclaredForm | None] = weakref.WeakKeyDictionary()


def class_form(kind: type) -> DeclaredForm | None:
    """The form of a class, or `None` if pydantic cannot describe the class."""
    if kind not in _FORMS:
        try:
            _FORMS[kind] = _Reader(_core_schema(kind)).form(of_class=True)
        except (PydanticUserError, SchemaError, NameError, TypeError, ValueError, AttributeError):
            _FORMS[kind] = None
    return _FORMS[kind]


def form_of(adapter: TypeAdapter[object]) -> DeclaredForm | None:
    """The form of any type, or `None` if the type declares nothing that values do not show."""
    reader = _Reader(adapter.core_schema)
    form = reader.form(of_class=False)
    return None if form.is_plain and not reader.has_classes else form


class _Reader:
    """Rebuilds the serializer of one type."""

    def __init__(self, schema: object) -> None:
        self._schema = _mapping(schema)
        self._named: dict[object, Schema] = {}
        self._is_plain = True
        self.has_classes = False
        if self._schema.get("type") == "definitions":
            for found in map(_mapping, _items(self._schema["definitions"])):
                self._named[found["ref"]] = found
            self._schema = _mapping(self._schema["schema"])
        # Validators that take the whole class stand around its schema.
        self._class = self._resolved(self._schema)
        while str(self._class.get("type")).startswith("function-") and "schema" in self._class:
            self._class = self._resolved(_mapping(self._class["schema"]))

    def form(self, *, of_class: bool) -> DeclaredForm:
        if of_class:
            root = self._class
            unnamed = {key: part for key, part in root.items() if key != "ref"}
            # With its class, pydantic would take the serializer that the class has already.
            schema: Schema = {**self._rebuilt(unnamed, _config_of(root)), "cls": object}
        else:
            schema = self._inside(self._schema, {})
        # Classes are only referred to by what is left to pydantic.
        named = [
            found if found.get("type") in _CLASSES else self._rebuilt(found, {})
            for found in self._named.values()
        ]
        if named:
            schema = {"type": "definitions", "schema": schema, "definitions": named}
        serializer = SchemaSerializer(schema)  # pyright: ignore[reportArgumentType] # pydantic's own
        return DeclaredForm(serializer, is_plain=self._is_plain)

    @property
    def own_serialization(self) -> object:
        """The serializer that a class declares for itself."""
        return self._class.get("serialization")

    def _resolved(self, schema: Schema) -> Schema:
        return self._named.get(schema.get("schema_ref"), schema)

    def _inside(self, schema: Schema, config: Schema, *, in_union: bool = False) -> Schema:
        """A schema inside another one; a class is left to its own form.

        A value of another type is written by that one, unless a union has more options.
        """
        resolved = self._resolved(schema)
        kind = resolved.get("cls")
        written = schema.get("serialization", resolved.get("serialization"))
        if resolved.get("type") in _CLASSES and isinstance(kind, type):
            self.has_classes = True
            if _mapping(written).get("type") == "any":  # SerializeAsAny
                return _left_to_us(None)
            if written == _own_serialization(kind):
                return _left_to_us(kind, in_union=in_union)
            self._is_plain = False
            rest = resolved if resolved.get("type") == "dataclass" else {"type": "any"}
            rest = {key: part for key, part in rest.items() if key != "ref"}
            return {**rest, "serialization": _for_json(_mapping(written))}
        if schema.get("type") in {"any", "is-instance"} and written is None:
            return _left_to_us(None)
        return self._rebuilt(schema, config, in_union=in_union)

    def _rebuilt(self, schema: Schema, config: Schema, *, in_union: bool = False) -> Schema:
        if any(schema.get(key) for key in _DECLARED) or schema.get("type") == "computed-field":
            self._is_plain = False
        if written := _mapping(schema.get("serialization")):
            self._is_plain = False
            if written.get("type") == "function-wrap":
                # The author's function is given what pydantic makes of the value.
                return {**schema, "serialization": _for_json(written)}
        is_union = schema.get("type") in _UNIONS
        rebuilt = {
            key: part if key in _NOT_SCHEMAS else self._part(part, config, in_union=is_union)
            for key, part in schema.items()
            if key != "serialization"
        }
        for key in _INNER.get(schema.get("type"), ()):
            rebuilt.setdefault(key, _left_to_us(None))
        if written:
            rebuilt["serialization"] = _for_json(written)
        elif schema.get("type") in _FORMATTED and config:
            self._is_plain = False
            rebuilt["serialization"] = _formatted(schema, config)
        elif coerce := COERCED.get(schema.get("type")):
            function = coerce if in_union else _or_left_to_us(coerce)
            rebuilt["serialization"] = {"type": "function-wrap", "function": function}
            rebuilt["type"] = "list" if coerce is as_set else rebuilt["type"]
        elif is_union:
            # The last is for a value of none of the types.
            choices = [*_choices(rebuilt), _left_to_us(None)]
            named = {"ref": schema["ref"]} if "ref" in schema else {}
            rebuilt = {"type": "union", "choices": choices, **named}
        return rebuilt

    def _part(self, part: object, config: Schema, *, in_union: bool) -> object:
        match part:
            case dict() if isinstance(part.get("type"), str):
                return self._inside(part, config, in_union=in_union)
            case dict():
                return {
                    key: self._part(inner, config, in_union=in_union) for key, inner in part.items()
                }
            case list():
                return [self._part(inner, config, in_union=in_union) for inner in part]
            case (dict() as inner, label):  # an option of a union with a label
                return self._part(inner, config, in_union=in_union), label
            case _:
                return part


def _core_schema(kind: type) -> Schema:
    # While names are undefined, pydantic gives another mapping, which raises when it is read.
    return dict(TypeAdapter(kind).core_schema.items())


def _own_serialization(kind: type) -> object:
    return _Reader(_core_schema(kind)).own_serialization


def _left_to_us(kind: type | None, *, in_union: bool = False) -> Schema:
    """The schema of a value that is not converted here."""

    def inner(value: object) -> Inner:
        if kind is None or isinstance(value, kind):
            return Inner(value, kind)
        if in_union:
            raise PydanticSerializationUnexpectedValue(f"expected {kind.__name__}")
        return Inner(as_declared(value, kind), None)

    return {"type": "any", "serialization": {"type": "function-plain", "function": inner}}


def _or_left_to_us(coerce: Callable[[object, Write], object]) -> Callable[[object, Write], object]:
    """The same for any value: pydantic would send what another type excludes."""

    def coerced(value: object, write: Write) -> object:
        try:
            return coerce(value, write)
        except PydanticSerializationUnexpectedValue:
            return Inner(value, None)

    return coerced


def _for_json(written: Schema) -> Schema:
    """A serializer as it is for JSON; the author's function is told so."""
    adapted = dict(written)
    if written.get("when_used") in _FOR_JSON:
        adapted["when_used"] = _FOR_JSON[written["when_used"]]
    function = written.get("function")
    if encode := text_encoder(function):
        adapted["function"] = encode
    if written.get("info_arg") and callable(function):
        adapted["function"] = _told_of_json(function)
    return adapted


def _told_of_json(function: Callable[..., object]) -> Callable[..., object]:
    def called(*arguments: object) -> object:
        return function(*arguments[:-1], _JsonInfo(arguments[-1]))

    return called


class _JsonInfo:
    """pydantic's information for a serializer, with the mode `json`."""

    mode = "json"

    def __init__(self, info: object) -> None:
        self._info = info

    def mode_is_json(self) -> bool:
        return True

    def __getattr__(self, name: str) -> object:
        return getattr(self._info, name)


def _formatted(schema: Schema, config: Schema) -> Schema:
    """The serialization of a type to which a class's config gives another format."""
    plain = {"type": schema["type"]}
    serializer = SchemaSerializer(plain, config)  # type: ignore[arg-type] # parts of pydantic's own

    kind = ENCODINGS.get(config.get("ser_json_bytes")) if schema["type"] == "bytes" else None

    def formatted(value: object) -> object:
        found: object = serializer.to_python(value, mode="json", warnings=False)
        return found if kind is None else kind(found)

    return {"type": "function-plain", "function": formatted}


def _config_of(schema: Schema) -> Schema:
    config = _mapping(schema.get("config"))
    return {key: value for key, value in config.items() if key.startswith("ser_json_")}


def _choices(union: Schema) -> list[object]:
    choices = union["choices"]
    found = choices.values() if isinstance(choices, dict) else _items(choices)
    return [option[0] if isinstance(option, tuple) else option for option in found]


def _mapping(value: object) -> Schema:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
