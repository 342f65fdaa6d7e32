"""The catalog of one agent: its typed actions, hooks and lifespans, read once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from types import MappingProxyType

from mirastack_sdk._actions.options import ActionFunction, option_errors
from mirastack_sdk._actions.run.hooks import Hook, Lifespan, read_hook, read_lifespan
from mirastack_sdk._actions.signature.annotations import location_of
from mirastack_sdk._actions.signature.dependencies import Overrides, SourceFinder
from mirastack_sdk._actions.signature.run_places import run_in_errors
from mirastack_sdk._actions.signature.signatures import Signature, read_signature
from mirastack_sdk._core.model.declarations import Action
from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """An action with its declaration and the plan for calling it."""

    declared: ActionFunction
    signature: Signature
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The actions by name, the other functions, and all declaration errors."""

    actions: Mapping[str, PlannedAction]
    health: Hook | None
    on_config: tuple[Hook, ...]
    lifespans: tuple[Lifespan, ...]
    errors: tuple[str, ...]
    overridden: frozenset[Callable[..., object]]


@dataclass(slots=True, kw_only=True)
class AgentFunctions:
    """The author's functions of one agent, by their purpose."""

    actions: list[ActionFunction] = field(default_factory=list)
    health: list[Callable[..., object]] = field(default_factory=list)
    on_config: list[Callable[..., object]] = field(default_factory=list)
    lifespans: list[Callable[..., object]] = field(default_factory=list)


def read_catalog(
    functions: AgentFunctions,
    agent_values: Collection[type] = (),
    overrides: Overrides = MappingProxyType({}),
) -> Catalog:
    """Read every function of an agent; errors are collected, and nothing is raised.

    `agent_values` are the types of the agent's own values, such as its config class. `overrides`
    are the factories that take the place of others.
    """
    errors: list[str] = []
    finder = SourceFinder(agent_values, errors, overrides)
    # First, because the other functions may use what they yield.
    spans = [read_lifespan(function, finder, errors) for function in functions.lifespans]
    planned = [_planned(found, finder, errors) for found in functions.actions]
    actions: dict[str, PlannedAction] = {}
    for plan in planned:
        if plan.action.name in actions:
            location = location_of(plan.declared.function)
            errors.append(f'{location}: another action is named "{plan.action.name}"')
        actions.setdefault(plan.action.name, plan)
    checks = [
        read_hook(function, "a health check", finder, errors) for function in functions.health
    ]
    errors += [
        f"{location_of(function)}: the agent has another health check: call it from this one"
        for function in functions.health[1:]
    ]
    on_config = [
        read_hook(function, "a change of the config", finder, errors)
        for function in functions.on_config
    ]
    return Catalog(
        actions=actions,
        health=next(iter(checks), None),
        on_config=tuple(on_config),
        lifespans=tuple(span for span in spans if span is not None),
        errors=tuple(dict.fromkeys(errors)),
        overridden=frozenset(finder.overridden),
    )


def _planned(declared: ActionFunction, finder: SourceFinder, errors: list[str]) -> PlannedAction:
    options, location = declared.options, location_of(declared.function)
    signature = read_signature(declared.function, finder, errors)
    description = str(options.get("description", "") or signature.description)
    if not description.strip():
        errors.append(
            f"{location}: it has no description, by which language models choose actions: "
            "write a docstring that says what it does and when to use it"
        )
    errors += [f"{location}: {sentence}" for sentence in option_errors(options)]
    run_in_sentences = run_in_errors(declared.function, options.get("run_in"), signature.injected)
    errors += [f"{location}: {sentence}" for sentence in run_in_sentences]
    name = str(options.get("name", "") or getattr(declared.function, "__name__", ""))
    if not name:
        errors.append(f'{location}: it has no name to take for the action: pass name="..."')
    action = Action(
        name=name,
        description=description.strip() or "-",
        input_params={name: found.schema for name, found in signature.parameters.items()},
        output_params=dict(signature.output),
        permission=options.get("permission"),
        intents=list(options.get("intents", ())),
        stages=list(options.get("stages", ())),
        routing_semantics=options.get("routing"),
    )
    return PlannedAction(declared=declared, signature=signature, action=action)
