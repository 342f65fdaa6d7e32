"""Agents of typed functions: what is imported to write one in ten lines."""

from mirastack_sdk._actions.config.config_fields import Env
from mirastack_sdk._actions.convert.ranges import OrLast, last_range
from mirastack_sdk._actions.direct_call import ActionResult
from mirastack_sdk._actions.options import ActionDecorator, ActionOptions
from mirastack_sdk._actions.signature.dependencies import Depends
from mirastack_sdk._actions.typed_agent import Agent, AgentOptions
from mirastack_sdk._actions.typed_plugin import TypedActions, action
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
