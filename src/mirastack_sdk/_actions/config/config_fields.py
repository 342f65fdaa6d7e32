"""The fields of a config class: what operators can set, and which environment variables count.

Each field becomes one config parameter of the agent's declaration.
"""

import dataclasses
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from pydantic import AliasChoices, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mirastack_sdk._actions.config import config_errors
from mirastack_sdk._actions.signature.action_parameters import (
    choices_of,
    default_text,
    exposed_name,
    field_infos,
    full_sentence,
    with_format,
)
from mirastack_sdk._actions.signature.annotations import (
    UnresolvedError,
    class_annotations,
    location_of_class,
    split_annotation,
)
from mirastack_sdk._actions.signature.docstrings import DocText, read_docstring
from mirastack_sdk._actions.signature.signature_errors import failed_default, unconverted_default
from mirastack_sdk._actions.types.adapters import (
    TypedValue,
    UnusableTypeError,
    declared_aliases,
    kept_default,
    type_adapter,
    typed_value,
)
from mirastack_sdk._actions.types.annotated_texts import annotated_text
from mirastack_sdk._actions.types.time_zones import UnusableLimitError, refuse_unchecked
from mirastack_sdk._core.contract.config_values import duration_text
from mirastack_sdk._core.model.declarations import ConfigParam
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk._core.settings.variable import sources
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Env:
    """Names the environment variable for a field that is not set in the engine.

    `url: Annotated[str, "Where VictoriaLogs listens.", Env("VLOGS_URL")]`. A blank variable counts
    as not set. `VLOGS_URL_FILE` names a file that contains the value, which is read again when it
    changes.
    """

    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigField:
    """One field of a config class.

    `name` is the constructor's argument, and `variable` the environment variable or an empty text.
    A `required` field has no default. The value of a `secret` field is never shown.
    """

    name: str
    variable: str
    value: TypedValue
    required: bool
    secret: bool
    param: ConfigParam


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigPlan:
    """A config class: its fields by key, its converter, and its declaration errors."""

    kind: type
    fields: Mapping[str, ConfigField]
    adapter: TypeAdapter[object] | None
    errors: tuple[str, ...]

    @property
    def params(self) -> list[ConfigParam]:
        """The parameters that operators can set."""
        return [dataclasses.replace(field.param) for field in self.fields.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassField:
    """A field as its class declares it."""

    name: str
    annotation: object
    required: bool
    default: object
    alias: str = ""
    has_path: bool = False
    text: str = ""
    variable: str = ""
    converts: bool = False


_LATER = object()
"""Stands for a default that a factory makes for each config, from its other values."""


@dataclass(frozen=True, slots=True)
class _FailedDefault:
    """Stands for a default whose factory has raised."""

    error: Exception


def read_config(kind: type) -> ConfigPlan:
    """The plan of a config class; errors are collected, and nothing is raised."""
    location, errors = location_of_class(kind), list[str]()
    doc = read_docstring(kind.__doc__)
    fields: dict[str, ConfigField] = {}
    adapter: TypeAdapter[object] | None = None
    try:
        for declared in _class_fields(kind):
            field = _field(declared, doc, errors)
            if field is not None and field.param.key in fields:
                errors.append(config_errors.twice(field.param.key))
            if field is not None:
                fields[field.param.key] = field
        adapter = type_adapter(kind)
    except (UnresolvedError, UnusableTypeError) as error:
        errors.append(config_errors.unreadable(error))
    return ConfigPlan(
        kind=kind,
        fields=fields,
        adapter=adapter,
        errors=tuple(f"{location}: {sentence}" for sentence in dict.fromkeys(errors)),
    )


def _class_fields(kind: type) -> Iterable[_ClassField]:
    infos: Mapping[str, FieldInfo] = getattr(kind, "__pydantic_fields__", {})
    if issubclass(kind, BaseModel) or infos:
        return [
            _model_field(name, info, kind) for name, info in infos.items() if info.init is not False
        ]
    if dataclasses.is_dataclass(kind):
        annotations, aliases = class_annotations(kind), declared_aliases(kind)
        fields = [field for field in dataclasses.fields(kind) if field.init]
        found = [
            _dataclass_field(field, annotations[field.name], aliases.get(field.name))
            for field in fields
        ]
        return found if _has_aliases(kind) else [dataclasses.replace(f, alias="") for f in found]
    raise UnusableTypeError("it is neither a dataclass nor a pydantic model")


def _model_field(name: str, info: FieldInfo, kind: type) -> _ClassField:
    alias = _alias_of(info, kind)
    return _ClassField(
        name=name,
        annotation=info.rebuild_annotation(),
        required=info.is_required(),
        default=None if info.is_required() else _default(lambda: _info_default(info)),
        converts=_validates_defaults(info, kind),
        alias=alias if isinstance(alias, str) else "",
        has_path=not isinstance(alias, str | None),
        text=info.description or "",
        variable=_settings_variable(name, alias, kind),
    )


def _info_default(info: FieldInfo) -> object:
    # A factory that takes the other fields' values makes its default for each config.
    takes_values = info.default_factory_takes_validated_data
    return _LATER if takes_values else info.get_default(call_default_factory=True)


def _validates_defaults(info: FieldInfo, kind: type) -> bool:
    return bool(info.validate_default or _config_of(kind).get("validate_default"))


def _config_of(kind: type) -> Mapping[str, object]:
    config: Mapping[str, object] = getattr(kind, "model_config", {})
    return config or getattr(kind, "__pydantic_config__", {})


def _has_aliases(kind: type) -> bool:
    return _config_of(kind).get("validate_by_alias") is not False


def _alias_of(info: FieldInfo, kind: type) -> object:
    """The name under which a field is set; of several, the first that is a name."""
    alias = (info.validation_alias or info.alias) if _has_aliases(kind) else None
    if not isinstance(alias, AliasChoices):
        return alias
    names = (choice for choice in alias.choices if isinstance(choice, str))
    return next(names, alias)


def is_settings_class(kind: type) -> bool:
    """Whether a class is one of pydantic-settings, which need not be installed."""
    return hasattr(kind, "settings_customise_sources")


def _settings_variable(name: str, alias: object, kind: type) -> str:
    """The environment variable from which a class of pydantic-settings fills a field."""
    if not is_settings_class(kind):
        return ""
    config: Mapping[str, object] = getattr(kind, "model_config", {})
    variable = alias if isinstance(alias, str) else f"{config.get('env_prefix', '')}{name}"
    return variable if config.get("case_sensitive") else variable.upper()


def _dataclass_field(
    field: "dataclasses.Field[object]", annotation: object, alias: object
) -> _ClassField:
    default: object = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = _default(field.default_factory)
    required = default is dataclasses.MISSING
    text = ""
    if alias is not None:
        # Alone, an annotation cannot have an alias.
        info = FieldInfo.from_annotation(annotation)  # type: ignore[arg-type] # of run time
        annotation, text = info.rebuild_annotation(), info.description or ""
    return _ClassField(
        name=field.name,
        annotation=annotation,
        text=text,
        required=required,
        default=None if required else default,
        alias=alias if isinstance(alias, str) else "",
        has_path=not isinstance(alias, str | None),
    )


def _field(declared: _ClassField, doc: DocText, errors: list[str]) -> ConfigField | None:
    annotation = split_annotation(declared.name, declared.annotation)
    try:
        value = typed_value(annotation.whole)
        # The class checks its fields, and not our types of them.
        refuse_unchecked(declared.name, annotation.whole)
    except UnusableLimitError as error:
        errors.append(config_errors.unusable_limit(declared.name, error))
        return None
    except UnusableTypeError as error:
        errors.append(config_errors.unusable(declared.name, annotation.inner, error))
        return None
    variables = [found.variable for found in annotation.metadata if isinstance(found, Env)]
    infos = field_infos(annotation)
    texts = [annotated_text(annotation.whole), declared.text]
    texts += [info.description or "" for info in infos]
    texts += [doc.attributes.get(declared.name, ""), doc.parameters.get(declared.name, "")]
    text = next(filter(None, texts), "")
    errors += config_errors.of_field(declared.name, text, variables, value)
    if declared.has_path:
        errors.append(config_errors.path_alias(declared.name))
    if not declared.required:
        errors += _default_errors(declared, value)
    return _config_field(declared, value, text, next(iter(variables), declared.variable))


def _config_field(
    declared: _ClassField, value: TypedValue, text: str, variable: str
) -> ConfigField:
    secret = value.shape.holds_secret(value.shape.root) or _names_secret(declared.annotation)
    default = "" if declared.required or secret else _default_text(declared.default)
    param = ConfigParam(
        key=declared.alias or exposed_name(declared.name),
        description=_joined(_sentences(declared, value, text, sources(variable, secret=secret))),
        type=_config_type(value),
        # The environment variable may provide the value.
        required=declared.required and not variable,
        default=default,
        secret=secret,
    )
    return ConfigField(
        name=declared.alias or declared.name,
        variable=variable,
        value=value,
        required=declared.required,
        secret=secret,
        param=param,
    )


def _config_type(value: TypedValue) -> str:
    """The type of a config parameter, which can be a duration, unlike an action's."""
    shape = value.shape
    options = [option for option in shape.options(shape.root) if option.kind != "null"]
    if options and all(option.format == "duration" for option in options):
        return "duration"
    return shape.wire_type(shape.root)


def _default_text(default: object) -> str:
    return duration_text(default) if isinstance(default, timedelta) else default_text(default)


def _joined(sentences: Iterable[str]) -> str:
    *before, last = sentences
    return " ".join([*map(full_sentence, before), last])


def _sentences(declared: _ClassField, value: TypedValue, text: str, variable: str) -> Iterator[str]:
    yield with_format(text, value.shape) or "-"
    if choices := choices_of(value.shape):
        yield f"One of: {', '.join(choices)}."
    if variable and declared.required:
        yield f"Required unless {variable} is set in the agent's environment."
    elif variable:
        yield f"If not set, {variable} from the agent's environment is used."


def _default_errors(declared: _ClassField, value: TypedValue) -> Iterator[str]:
    """The errors of a default; its class uses it as it is, or converts it if it `converts`."""
    default = declared.default
    if default is _LATER:
        return
    if isinstance(default, _FailedDefault):
        yield config_errors.failed_default(declared.name, default.error)
        return
    secret = value.shape.holds_secret(value.shape.root)
    try:
        converted = value.adapter.validate_python(default)
    except ValidationError:
        yield config_errors.wrong_default(declared.name, value)
        return
    except Exception as error:  # noqa: BLE001 - the author's validators
        yield failed_default(declared.name, error, secret=secret)
        return
    if not declared.converts and (kept := kept_default(default, converted)):
        yield unconverted_default(declared.name, kept, secret=secret)


def _default(make: Callable[[], object]) -> object:
    """What a factory of a default returns."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - the author's code
        return _FailedDefault(error)


def _names_secret(annotation: object) -> bool:
    """Whether an annotation contains one of pydantic's secret types, or ours."""
    kind = typing.get_origin(annotation) or annotation
    if kind is Secret or hasattr(kind, "get_secret_value"):
        return True
    return any(map(_names_secret, typing.get_args(annotation)))
