"""The card of an agent: what its callers and operators rely on, to compare later versions with."""

import hashlib
from collections.abc import Mapping, Sequence

from mirastack_sdk._core.model.declarations import ParamSchema, PluginInfo, PluginSchema
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamCard:
    """One input, output or config parameter; `enum` is empty if any value is allowed."""

    type: str
    required: bool
    enum: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCard:
    """One action; `permission` is that which callers need."""

    permission: str
    inputs: Mapping[str, ParamCard]
    outputs: Mapping[str, ParamCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One version of an agent; `templates` has a digest of each prompt template."""

    name: str
    version: str
    actions: Mapping[str, ActionCard]
    config: Mapping[str, ParamCard]
    templates: Mapping[str, str]


def card_of(info: PluginInfo, schema: PluginSchema) -> Card:
    """The card of an agent that passes the quality gates."""
    return Card(
        name=info.name,
        version=info.version,
        actions={
            action.name: ActionCard(
                permission=(action.permission or info.permission).value,
                inputs=_params(action.input_params),
                outputs=_params(action.output_params),
            )
            for action in schema.actions
        },
        config={
            param.key: ParamCard(type=param.type, required=param.required)
            for param in info.config_params
        },
        templates={
            template.name: hashlib.sha256(template.content.encode()).hexdigest()
            for template in info.prompt_templates
        },
    )


def _params(params: Mapping[str, ParamSchema]) -> Mapping[str, ParamCard]:
    return {
        name: ParamCard(type=param.type, required=param.required, enum=tuple(param.enum))
        for name, param in params.items()
    }
