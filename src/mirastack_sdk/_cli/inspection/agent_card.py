"""What `inspect` shows of an agent: one whose code is here, or one that runs somewhere."""

from collections.abc import Mapping
from dataclasses import replace

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.inspection.declaration_view import Json, declaration_view
from mirastack_sdk._cli.loading.targets import Target
from mirastack_sdk._cli.sessions import connected, declarations_of
from mirastack_sdk._core.policy.routing import intents_of, routing_of
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import action_schemas
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import Action, PluginInfo, PluginSchema
from mirastack_sdk.testing import Encoding


def card_of_target(target: Target) -> Json:
    """The card of an agent that is not served, with what only its code tells.

    Raises `CommandError` with all reasons for which an engine would refuse the agent.
    """
    try:
        checked = checked_plugin(target.plugin)
    except InvalidPluginError as error:
        raise CommandError(
            f"engines would refuse this agent: {'; '.join(error.violations)}",
            status=ExitStatus.NO_AGENT,
        ) from error
    info, declared = checked.info, checked.schema.actions
    card = declaration_view(info, PluginSchema([_as_sent(info, action) for action in declared]))
    schemas = action_schemas(target.plugin)
    details: dict[str, Json] = {
        action.name: {
            "time_range": schemas[action.name].time_range,
            "default_range": schemas[action.name].default_range,
            "result_schema": schemas[action.name].result,
            "routing_is_derived": action.routing_semantics is None,
        }
        for action in declared
    }
    return _completed(card, target.text, details)


async def card_at(address: Address, encoding: Encoding) -> Json:
    """The card of an agent that runs; raises `CommandError` if it does not respond."""
    async with connected(address, encoding=encoding) as client:
        info, schema = await declarations_of(client)
    return _completed(declaration_view(info, schema), str(address), {})


def only_action(card: Json, name: str) -> Json:
    """The card with one action alone; raises `CommandError` if the agent does not have it."""
    kept = {key: _named(card[key], name) for key in ("actions", "model_view")}
    if not kept["actions"]:
        known = ", ".join(str(action["name"]) for action in _entries(card["actions"]))
        raise CommandError(
            f"{card['name']} has no action {name}; its actions are {known}",
            status=ExitStatus.WRONG_PARAMETERS,
        )
    return {**card, **kept}


def _named(entries: object, name: str) -> list[Json]:
    return [entry for entry in _entries(entries) if entry["name"] == name]


def _entries(value: object) -> list[Json]:
    assert isinstance(value, list)  # noqa: S101 - as declaration_view makes it
    return value


def _completed(card: Json, source: str, details: Mapping[str, Json]) -> Json:
    """The card with its source, and with details that are null if only the code tells them."""
    unknown: Json = {
        "time_range": None,
        "default_range": None,
        "result_schema": None,
        "routing_is_derived": None,
    }
    return {
        "source": source,
        **card,
        "actions": [
            action | details.get(str(action["name"]), unknown)
            for action in _entries(card["actions"])
        ],
    }


def _as_sent(info: PluginInfo, action: Action) -> Action:
    """The action with what it takes over from the agent, and with derived routing."""
    return replace(
        action,
        permission=action.permission or info.permission,
        stages=list(action.stages or info.devops_stages),
        intents=list(intents_of(info, action)),
        routing_semantics=routing_of(info, action),
    )
