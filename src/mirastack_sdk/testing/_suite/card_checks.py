"""The checks of what an agent declares."""

from collections import defaultdict
from collections.abc import Iterator

from mirastack_sdk._core.model.declarations import Action, PluginInfo, PluginSchema
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._core.policy.routing import intents_of
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.testing._suite.agent_trial import AgentTrial


def card_problems(plugin: MirastackPlugin) -> list[str]:
    """What engines would refuse in the agent's declarations, and what is declared differently."""
    try:
        first, second = checked_plugin(plugin), checked_plugin(plugin)
    except InvalidPluginError as error:
        return list(error.violations)
    problems = []
    if first.info != second.info:
        problems.append("info() returns something else each time")
    if first.schema != second.schema:
        problems.append("schema() returns something else each time")
    return problems


async def card_problems_on_the_wire(trial: AgentTrial) -> list[str]:
    """Where what engines receive differs from what the agent declares."""
    name = trial.checked.info.name
    problems = trial.unknown_samples()
    for encoding in Encoding:
        info = await trial.agent.info(encoding=encoding)
        schema = await trial.agent.schema(encoding=encoding)
        actions = [action.name for action in schema.actions]
        declared = [action.name for action in trial.checked.schema.actions]
        if info.name != name or actions != declared:
            problems.append(f"in {encoding.value}, the agent is {info.name} with {actions}")
    return problems


def routing_problems(info: PluginInfo, schema: PluginSchema) -> Iterator[str]:
    """Words that lead to more than one action."""
    by_intent: defaultdict[str, list[str]] = defaultdict(list)
    by_description: defaultdict[str, list[str]] = defaultdict(list)
    for action in schema.actions:
        for phrase in _phrases(info, action):
            by_intent[phrase].append(action.name)
        by_description[_normal(action.description)].append(action.name)
    for phrase, names in by_intent.items():
        if len(names) > 1:
            yield f"the intent {phrase!r} leads to {' and to '.join(names)}"
    for description, names in by_description.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} have the same description, {description!r}"


def _phrases(info: PluginInfo, action: Action) -> set[str]:
    return {_normal(intent.pattern) for intent in intents_of(info, action)}


def _normal(text: str) -> str:
    return " ".join(text.lower().split())
