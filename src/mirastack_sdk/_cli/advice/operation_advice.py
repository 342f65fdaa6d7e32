"""Advice about what operators and the engine rely on: health, routing, intents, secrets."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent, place_of
from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.advice.fixed_value_advice import names_secret
from mirastack_sdk._core.model.plugin_base import health_checks_of
from mirastack_sdk._core.policy.routing import derived_actions, intents_of


def operation_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about the agent as a whole."""
    yield from _health_advice(agent)
    derived = derived_actions(agent.schema)
    for action in agent.schema.actions:
        if action.name in derived and not intents_of(agent.info, action):
            what = "the engine can route to it by its description only"
            yield finding("MA702", place_of(action), what, action=action.name)
    yield from _shared_intents(agent)
    for config in agent.info.config_params:
        if names_secret(config.key) and not config.secret:
            what = "its name is that of a secret, and it is not declared as one"
            yield finding("MA501", f"config {config.key}", what)


def _health_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    checks = health_checks_of(agent.plugin)
    if not checks:
        yield finding("MA701", "agent", "it has no health check of its own")
    elif all(_does_nothing(check) for check in checks):
        yield finding("MA701", "agent", "its health check checks nothing")


def _does_nothing(function: Callable[..., object]) -> bool:
    """Whether the source of a function is only `pass`, a text or `return`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    match tree.body:
        case [ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body)]:
            return all(_is_empty(statement) for statement in body)
        case _:
            return False


def _is_empty(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant()):
            return True
        case _:
            return False


def _shared_intents(agent: AdvisedAgent) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for action in agent.schema.actions:
        for intent in intents_of(agent.info, action):
            phrase = " ".join(intent.pattern.casefold().split())
            if first.setdefault(phrase, action.name) != action.name:
                what = f'the intent "{intent.pattern}" also leads to {first[phrase]}'
                yield finding("MA703", place_of(action), what, action=action.name)
