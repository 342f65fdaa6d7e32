"""Agents of typed functions: what is imported to write one in ten lines."""

from mirastack_sdk._actions.action_result import ActionResult
from mirastack_sdk._actions.agent import Agent, AgentOptions
from mirastack_sdk._actions.config_fields import Env
from mirastack_sdk._actions.options import ActionDecorator, ActionOptions
from mirastack_sdk._actions.plugin import TypedActions, action
from mirastack_sdk._actions.ranges import OrLast, last_range
from mirastack_sdk._actions.sources import Depends
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk.errors import ActionError

__all__ = [
    "ActionDecorator",
    "ActionError",
    "ActionOptions",
    "ActionResult",
    "Agent",
    "AgentOptions",
    "Depends",
    "Env",
    "OrLast",
    "Secret",
    "TypedActions",
    "action",
    "last_range",
]
