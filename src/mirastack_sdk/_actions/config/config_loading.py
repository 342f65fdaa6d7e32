"""The loading of a config: from the engine, then the environment, then the class's defaults."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mirastack_sdk._actions.config.config_fields import (
    ConfigField,
    ConfigPlan,
    is_settings_class,
)
from mirastack_sdk._actions.convert.arguments import takes_empty_text, validated
from mirastack_sdk._actions.convert.error_places import error_kind, errors_of
from mirastack_sdk._actions.convert.parameter_errors import (
    expected_text,
    missing_error,
    parameter_errors,
    path_text,
    validator_message,
    wrong_value_error,
)
from mirastack_sdk._actions.convert.secret_parts import HIDDEN, without_secrets
from mirastack_sdk._actions.convert.value_reader import Reading, read
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk._core.redaction.clean import clean, text_of
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._core.settings.variable import file_name, sources
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A config, or the reasons why there is none, one sentence each.

    `wrong` is about values that are set and invalid, `missing` about required values that are not
    set. `texts` are the values that were used, by key, and `secrets` the secret ones among them.
    `engine` and `files` are what they were taken from.
    """

    config: object = None
    wrong: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    texts: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    engine: Mapping[str, str] = MappingProxyType({})
    files: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetValue:
    """The text that is set for a field, and the label for it in errors."""

    field: ConfigField
    label: str
    text: str


def load_config(
    plan: ConfigPlan,
    engine: Mapping[str, str],
    environ: Mapping[str, str],
    files: Mapping[str, str] = MappingProxyType({}),
) -> LoadedConfig:
    """The config from the engine's values and the environment; raises nothing.

    `files` are the contents of files that the environment names, by variable.
    """
    given = dict(_set_values(plan, engine, environ, files))
    wrong: dict[str, list[str]] = {}
    values: dict[str, object] = {}
    for found in given.values():
        reading, sentences = _read(found)
        if not reading.endless:
            values[found.field.name] = reading.value
        if sentences:
            wrong[found.field.name] = sentences
    config, errors, failure = _construct(plan, values)
    unset = [field for key, field in plan.fields.items() if field.required and key not in given]
    missing = [] if config is not None else _still_missing(plan, unset, errors)
    wrong |= _by_field(given, values, errors)
    sentences = [*failure, *(sentence for found in wrong.values() for sentence in found)]
    secrets = [found.text for found in given.values() if found.field.secret]
    return LoadedConfig(
        config=None if sentences or missing else config,
        wrong=tuple(without_secrets(secrets, map(hide_credentials, sentences))),
        missing=tuple(map(_missing, missing)),
        texts={key: found.text for key, found in given.items()},
        secrets=tuple(secrets),
        engine=engine,
        files=files,
    )


def secrets_in(value: object) -> Iterator[str]:
    """The text of each secret in a config."""
    if isinstance(value, Secret):
        yield from secrets_in(value.reveal())
        yield str(value.reveal())
    elif callable(reveal := getattr(value, "get_secret_value", None)):
        yield str(reveal())
    else:
        for part in _parts(value):
            yield from secrets_in(part)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, BaseModel):
        return [getattr(value, name) for name in type(value).model_fields]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list | tuple | set | frozenset) else ()


def _set_values(
    plan: ConfigPlan,
    engine: Mapping[str, str],
    environ: Mapping[str, str],
    files: Mapping[str, str],
) -> Iterator[tuple[str, _SetValue]]:
    for key, field in plan.fields.items():
        text = engine.get(key)
        if text is not None and (text.strip() or _takes_empty(field)):
            yield key, _SetValue(field=field, label=key, text=text)
            continue
        source, text = _from_environment(field.variable, environ, files)
        if text.strip():
            yield key, _SetValue(field=field, label=f"{source} ({key})", text=text)


def _from_environment(
    variable: str, environ: Mapping[str, str], files: Mapping[str, str]
) -> tuple[str, str]:
    """The variable that provides a value, and the value; empty texts if there is none."""
    if variable in files:
        return file_name(variable), files[variable]
    return variable, environ.get(variable, "") if variable else ""


def _takes_empty(field: ConfigField) -> bool:
    """Whether an empty text is a value, and does not mean that the field is not set."""
    return not field.required and takes_empty_text(field.value.shape)


def _read(given: _SetValue) -> tuple[Reading, list[str]]:
    shape = given.field.value.shape
    try:
        reading = read(given.text, shape)
    except RecursionError:
        reading = Reading(value=given.text, wrong=(), unknown=())
        return reading, [f"{given.label} is nested too deeply"]
    sentences = [
        wrong_value_error(given.label, path, reading.value, shape) for path in reading.wrong
    ]
    sentences += [f"{path_text(given.label, path)} is not allowed here" for path in reading.unknown]
    if sentences and given.field.secret:
        sentences = [_secret_error(given)]
    return reading, sentences


def _construct(
    plan: ConfigPlan, values: Mapping[str, object]
) -> tuple[object, list[ErrorDetails], list[str]]:
    if plan.adapter is None:
        return None, [], []
    try:
        return validated(plan.adapter, values), [], []
    except ValidationError as error:
        return None, errors_of(error), []
    except Exception as error:  # noqa: BLE001 - the author's validators
        raised = f"{type(error).__name__}: {clean(text_of(error))}"
        return None, [], [f"{plan.kind.__name__} raised {raised}"]


def _still_missing(
    plan: ConfigPlan, unset: list[ConfigField], errors: Iterable[ErrorDetails]
) -> list[ConfigField]:
    """The fields without a value; a class of pydantic-settings finds some values by itself."""
    names = {str(details["loc"][0]): error_kind(details) for details in errors if details["loc"]}
    if not names or not is_settings_class(plan.kind):
        return unset
    return [field for field in unset if names.get(field.name) == "missing"]


def _by_field(
    given: Mapping[str, _SetValue], values: Mapping[str, object], errors: Iterable[ErrorDetails]
) -> dict[str, list[str]]:
    """The errors by field; errors of the whole config are under the empty name."""
    fields = {found.field.name: found for found in given.values()}
    by_name: dict[str, list[ErrorDetails]] = {}
    for details in errors:
        name = str(details["loc"][0]) if details["loc"] else ""
        if name in fields:
            details["loc"] = details["loc"][1:]
        by_name.setdefault(name if name in fields else "", []).append(details)
    found = {
        name: _field_errors(field, values, by_name[name])
        for name, field in fields.items()
        if name in by_name
    }
    rest = [details for details in by_name.get("", []) if error_kind(details) != "missing"]
    return found | ({"": [validator_message(details) for details in rest]} if rest else {})


def _field_errors(
    given: _SetValue, values: Mapping[str, object], errors: list[ErrorDetails]
) -> list[str]:
    if given.field.secret:
        own = [details for details in errors if error_kind(details) == "validator"]
        texts = [f"{given.label} cannot be used: {validator_message(details)}" for details in own]
        return texts or [_secret_error(given)]
    return parameter_errors(given.label, values[given.field.name], given.field.value.shape, errors)


def _secret_error(given: _SetValue) -> str:
    expected = expected_text(given.field.value.shape)
    return f"{given.label} cannot be used: expected {expected}, got {HIDDEN}"


def _missing(field: ConfigField) -> str:
    sentence = missing_error(field.param.key, field.value.shape)
    variable = sources(field.variable, secret=field.secret)
    otherwise = f", or set {variable} in the agent's environment" if variable else ""
    return f"{sentence}; set it in the engine{otherwise}"
