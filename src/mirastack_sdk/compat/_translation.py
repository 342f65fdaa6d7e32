"""Published values as documented ones, and back."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from mirastack_sdk import engine, plugin
from mirastack_sdk._core.redaction.clean import MAX_LOG_LENGTH, clean_log
from mirastack_sdk._log import Log
from mirastack_sdk._text import shortened
from mirastack_sdk.compat._published_types import (
    Action,
    ConfigParam,
    DevOpsStage,
    ExecuteRequest,
    ExecuteResponse,
    ExecutionMode,
    IntentPattern,
    LicenseContext,
    LicenseQuotas,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
    RoutingSemantics,
    TimeRange,
)
from mirastack_sdk.errors import InvalidPluginError

_LOG = Log("agent")
# What `respond_error` makes. Other results are not parsed, so that large ones cost nothing.
_ERROR_REPORT = re.compile(rb'\s*\{\s*"error"\s*:\s*"')

PERMISSIONS: Mapping[Permission, plugin.Permission] = {
    Permission.READ: plugin.Permission.READ,
    Permission.MODIFY: plugin.Permission.MODIFY,
    Permission.ADMIN: plugin.Permission.ADMIN,
    # The documented API has no such permission. A human approves the action, as for all changes.
    Permission.WRITE: plugin.Permission.MODIFY,
}
_MODES: Mapping[plugin.ExecutionMode, ExecutionMode] = {
    plugin.ExecutionMode.MANUAL: ExecutionMode.MANUAL,
    plugin.ExecutionMode.GUIDED: ExecutionMode.GUIDED,
    plugin.ExecutionMode.AUTONOMOUS: ExecutionMode.AUTONOMOUS,
    plugin.ExecutionMode.UNSPECIFIED: ExecutionMode.GUIDED,
}


def documented_info(info: PluginInfo, actions: Iterable[Action]) -> plugin.PluginInfo:
    """The documented info; raises `InvalidPluginError` for values of other types."""
    permissions = [PERMISSIONS[require(p, Permission, "permissions")] for p in info.permissions]
    return plugin.PluginInfo(
        name=info.name,
        version=info.version,
        description=info.description,
        # Each action has a permission of its own, so this one counts for nothing else.
        permission=permissions[0] if permissions else plugin.Permission.READ,
        devops_stages=_stages(info.devops_stages),
        intent_patterns=list(_agent_intents(info.intents, list(actions))),
        prompt_templates=[_prompt_template(template) for template in info.prompt_templates],
        config_params=[_config_param(param) for param in info.config_params],
    )


def documented_schema(info: PluginInfo, schema: PluginSchema) -> plugin.PluginSchema:
    """The documented schema, with the actions of both; the agent's parameters are each action's.

    Raises `InvalidPluginError` for values of other types.
    """
    return plugin.PluginSchema(
        [_action(action, schema) for action in all_actions(info, schema)],
    )


def all_actions(info: PluginInfo, schema: PluginSchema) -> list[Action]:
    """The actions of `info()`, then those that only `schema()` declares."""
    declared = [require(action, Action, "PluginInfo.actions") for action in info.actions]
    more = [require(action, Action, "PluginSchema.actions") for action in schema.actions]
    known = {action.id for action in declared}
    return [*declared, *(action for action in more if action.id not in known)]


def published_request(request: plugin.ExecuteRequest) -> ExecuteRequest:
    """The request as published agents read it."""
    return ExecuteRequest(
        execution_id=request.ctx.execution_id,
        workflow_id=request.ctx.workflow_id,
        step_id=request.ctx.step_id,
        action_id=request.action,
        params=request.params,
        mode=_MODES[request.execution_mode],
        time_range=None if request.time_range is None else TimeRange(**asdict(request.time_range)),
        tenant_id=request.ctx.tenant_id,
    )


def published_license(known: engine.License) -> LicenseContext:
    """The license as published agents read it."""
    values = asdict(known)
    return LicenseContext(**{**values, "quotas": LicenseQuotas.from_dict(values["quotas"])})


def _agent_intents(
    intents: Iterable[IntentPattern], actions: list[Action]
) -> Iterator[plugin.IntentPattern]:
    for intent in intents:
        require(intent, IntentPattern, "PluginInfo.intents")
        if actions:
            yield _intent(intent, _best_action(intent, actions))


def _best_action(intent: IntentPattern, actions: list[Action]) -> str:
    """The action that a phrase of the whole agent is for: a published phrase names none.

    That is an action with the same phrase, otherwise the one whose words it shares most of.
    """
    words = _words(intent.pattern)

    def likeness(action: Action) -> tuple[bool, int]:
        phrases = [phrase.pattern for phrase in action.intents]
        spoken = _words(" ".join([action.id.replace("_", " "), action.description, *phrases]))
        return intent.pattern in phrases, len(words & spoken)

    return max(actions, key=likeness).id


def _words(text: str) -> set[str]:
    return {word.strip(".,:;*?!()").lower() for word in text.split()} - {""}


def _intent(intent: IntentPattern, action: str) -> plugin.IntentPattern:
    return plugin.IntentPattern(
        intent.pattern, action, priority=intent.priority, description=intent.description
    )


def _action(action: Action, schema: PluginSchema) -> plugin.Action:
    where = f'action "{action.id}"'
    return plugin.Action(
        name=action.id,
        description=action.description,
        input_params=_input_params(where, action, schema),
        output_params=_params(
            f"{where}: output_params", action.output_params, schema.output_params
        ),
        permission=PERMISSIONS[require(action.permission, Permission, f"{where}: permission")],
        intents=[
            _intent(require(intent, IntentPattern, f"{where}: intents"), action.id)
            for intent in action.intents
        ],
        stages=_stages(action.stages),
        routing_semantics=_routing(action.routing),
    )


def _input_params(
    where: str, action: Action, schema: PluginSchema
) -> dict[str, plugin.ParamSchema]:
    """The input parameters without the action's name, which the engine sends anyway."""
    params = _params(f"{where}: input_params", action.input_params, schema.input_params)
    return {name: param for name, param in params.items() if name != "action"}


def _params(
    where: str, own: Iterable[ParamSchema], of_all: Iterable[ParamSchema]
) -> dict[str, plugin.ParamSchema]:
    params: dict[str, plugin.ParamSchema] = {}
    for param in own:
        require(param, ParamSchema, where)
        if param.name in params:
            raise InvalidPluginError([f'{where} must not contain "{param.name}" twice'])
        params[param.name] = _param(param)
    for param in of_all:
        require(param, ParamSchema, "PluginSchema parameters")
        params.setdefault(param.name, _param(param))
    return params


def _param(param: ParamSchema) -> plugin.ParamSchema:
    return plugin.ParamSchema(param.type, required=param.required, description=param.description)


def _routing(routing: RoutingSemantics | None) -> plugin.RoutingSemantics | None:
    """The routing of an action; `None` where it declares none, so that it is derived."""
    if routing is None or routing == RoutingSemantics():
        return None
    return plugin.RoutingSemantics(**asdict(routing))


def _config_param(param: ConfigParam) -> plugin.ConfigParam:
    require(param, ConfigParam, "PluginInfo.config_params")
    return plugin.ConfigParam(
        param.key,
        param.description,
        type=param.type,
        required=param.required,
        default=param.default,
        secret=param.is_secret,
    )


def _prompt_template(template: PromptTemplate) -> plugin.PromptTemplate:
    require(template, PromptTemplate, "PluginInfo.prompt_templates")
    return plugin.PromptTemplate(template.name, template.content, description=template.description)


def _stages(stages: Iterable[DevOpsStage | str]) -> list[str]:
    """The stages by name; what is no stage stays as it is, for the quality gates to report."""
    return [
        stage.name.lower() if isinstance(stage, DevOpsStage) else str(stage) for stage in stages
    ]


def require[Declared](value: object, kind: type[Declared], where: str) -> Declared:
    """`value`, which must be one of the published types."""
    if isinstance(value, kind):
        return value
    got = type(value)
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    expected = f"{article} {kind.__name__} of mirastack_sdk.compat"
    raise InvalidPluginError(
        [f"{where}: expected {expected}, got {got.__module__}.{got.__qualname__}"]
    )


def documented_response(response: ExecuteResponse) -> plugin.ExecuteResponse:
    """The response as the runtime sends it.

    Raises `TypeError` for another type and for an output that cannot be written as JSON.
    """
    given: object = response
    if not isinstance(given, ExecuteResponse):
        raise TypeError(
            "execute must return an ExecuteResponse of mirastack_sdk.compat, "
            f"got {type(given).__name__}"
        )
    output: object = response.output
    if not isinstance(output, bytes):
        if not output:
            # Without a result, the model reads the logs as an error.
            return plugin.ExecuteResponse(logs=response.logs)
        output = json.dumps(output).encode()
    return plugin.ExecuteResponse(logs=response.logs, result_json=_without_internals(output))


def _without_internals(result: bytes) -> bytes:
    """`result`, whose `error` loses what an exception's text would lose: addresses and the like.

    Published agents respond with `respond_error(str(error))`, and HTTP clients name the URL in that
    text. Only a result that begins with a text under `error` is changed.
    """
    if not _ERROR_REPORT.match(result):
        return result
    try:
        report: object = json.loads(result)
    except ValueError:
        return result
    match report:
        case {"error": str(text), **others} if (cleaned := clean_log(text)) != text:
            _LOG.warning("the result reports an error: %s", shortened(text, MAX_LOG_LENGTH))
            return json.dumps({"error": cleaned, **others}).encode()
        case _:
            return result
