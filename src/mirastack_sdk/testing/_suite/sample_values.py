"""The values that the suite makes up: valid parameters, parameters of a wrong type, configs."""

from collections.abc import Mapping

from mirastack_sdk._core.model.declarations import Action, ConfigParam, ParamSchema

_BY_TYPE: Mapping[str, object] = {
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "json": {},
}
# Text stays valid however it is converted, so a wrong one cannot be made up.
_WRONG_BY_TYPE: Mapping[str, object] = {
    "integer": "not-a-number",
    "number": "not-a-number",
    "boolean": "not-a-boolean",
    "object": "not-an-object",
}
_WRONG_CONFIG: Mapping[str, str] = {
    "integer": "not-a-number",
    "int": "not-a-number",
    "number": "not-a-number",
    "boolean": "not-a-boolean",
    "bool": "not-a-boolean",
    "duration": "not-a-duration",
    "object": "{not json",
    "json": "{not json",
}
_NO_CHOICE = "not-one-of-the-choices"


def made_up_params(action: Action) -> dict[str, object]:
    """A value for each parameter that the action requires."""
    return {name: _value(param) for name, param in action.input_params.items() if _is_needed(param)}


def needed_params(action: Action) -> list[str]:
    """The parameters without which the action cannot run."""
    return [name for name, param in action.input_params.items() if _is_needed(param)]


def wrong_value(param: ParamSchema) -> object:
    """A value that does not fit the parameter, or `None` if any may fit."""
    if param.enum:
        return _NO_CHOICE
    return _WRONG_BY_TYPE.get(param.type)


def default_config(params: list[ConfigParam]) -> dict[str, str] | None:
    """The config that consists of defaults, or `None` if a required parameter has none."""
    if any(param.required and not param.default for param in params):
        return None
    return {param.key: param.default for param in params if param.default}


def wrong_configs(params: list[ConfigParam]) -> dict[str, str]:
    """For each config parameter that is not any text, a value that does not fit."""
    return {param.key: _WRONG_CONFIG[param.type] for param in params if param.type in _WRONG_CONFIG}


def _is_needed(param: ParamSchema) -> bool:
    return param.required and not param.default


def _value(param: ParamSchema) -> object:
    if param.enum:
        return param.enum[0]
    return _BY_TYPE.get(param.type, "sample")
