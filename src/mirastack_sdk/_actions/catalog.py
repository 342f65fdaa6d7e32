"""The typed actions of one agent, read once: what each is declared as, and how it is called."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from mirastack_sdk._actions.annotations import place_of
from mirastack_sdk._actions.options import Declared, option_faults
from mirastack_sdk._actions.signatures import Signature, read_signature
from mirastack_sdk._actions.sources import RangeOf, RequestPart, Source, SourceFinder
from mirastack_sdk._core.declarations import Action

__all__ = ["Catalog", "PlannedAction", "read_catalog"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """An action, ready to be declared and called."""

    declared: Declared
    signature: Signature
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All actions by name, what the health check is given, and what is wrong with any of it."""

    actions: Mapping[str, PlannedAction]
    health: Mapping[str, Source]
    faults: tuple[str, ...]


def read_catalog(
    declared: Iterable[Declared],
    *,
    health: Callable[..., object] | None = None,
    agent_values: Collection[type] = (),
) -> Catalog:
    """Read every action's function, and the health check's; nothing is raised.

    `agent_values` are the types that are injected from the agent's own values.
    """
    faults: list[str] = []
    finder = SourceFinder(agent_values, faults)
    planned = [_planned(found, finder, faults) for found in declared]
    actions: dict[str, PlannedAction] = {}
    for plan in planned:
        if plan.action.name in actions:
            place = place_of(plan.declared.function)
            faults.append(f'{place}: there is another action called "{plan.action.name}"')
        actions.setdefault(plan.action.name, plan)
    checks = {} if health is None else _of_health_check(health, finder, faults)
    return Catalog(actions=actions, health=checks, faults=tuple(dict.fromkeys(faults)))


def _planned(declared: Declared, finder: SourceFinder, faults: list[str]) -> PlannedAction:
    options, place = declared.options, place_of(declared.function)
    signature = read_signature(declared.function, finder, faults)
    description = options.get("description", "") or signature.description
    if not description.strip():
        faults.append(
            f"{place}: a language model chooses actions by their descriptions: "
            "write a docstring that says what this one does and when to use it"
        )
    faults += [f"{place}: {sentence}" for sentence in option_faults(options)]
    action = Action(
        name=options.get("name", "") or getattr(declared.function, "__name__", ""),
        description=description.strip() or "-",
        input_params={name: found.schema for name, found in signature.parameters.items()},
        output_params=dict(signature.output),
        permission=options.get("permission"),
        intents=list(options.get("intents", ())),
        stages=list(options.get("stages", ())),
        routing_semantics=options.get("routing_semantics"),
    )
    return PlannedAction(declared=declared, signature=signature, action=action)


def _of_health_check(
    function: Callable[..., object], finder: SourceFinder, faults: list[str]
) -> Mapping[str, Source]:
    injected = finder.arguments_of(function)
    faults += [
        f'{place_of(function)}: "{name}" belongs to an execution, and a health check is none'
        for name, source in injected.items()
        if _needs_request(source)
    ]
    return injected


def _needs_request(source: Source) -> bool:
    """Whether there must be an execution for a source to be filled."""
    if isinstance(source, RequestPart | RangeOf):
        return True
    arguments = getattr(source, "arguments", {})
    return any(_needs_request(argument) for argument in arguments.values())
