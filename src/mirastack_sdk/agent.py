"""Typed actions: agents whose actions are functions with type hints.

`Agent` turns functions into actions; `TypedActions` and `action` do the same for the methods of a
`MirastackPlugin`. Importing this module imports pydantic.
"""

from mirastack_sdk._actions.action_schemas import ActionSchema, TimeRangeUse, action_schemas
from mirastack_sdk._actions.config.config_fields import Env
from mirastack_sdk._actions.convert.ranges import OrLast, last_range
from mirastack_sdk._actions.direct_call import ActionResult
from mirastack_sdk._actions.options import ActionDecorator, ActionOptions
from mirastack_sdk._actions.signature.dependencies import Depends
from mirastack_sdk._actions.typed_agent import Agent, AgentOptions
from mirastack_sdk._actions.typed_plugin import TypedActions, action
from mirastack_sdk._core.model.declarations import Stage
from mirastack_sdk._core.model.execution import Logs
from mirastack_sdk._core.model.secret import Secret
from mirastack_sdk.errors import ActionError

__all__ = [
    "ActionDecorator",
    "ActionError",
    "ActionOptions",
    "ActionResult",
    "ActionSchema",
    "Agent",
    "AgentOptions",
    "Depends",
    "Env",
    "Logs",
    "OrLast",
    "Secret",
    "Stage",
    "TimeRangeUse",
    "TypedActions",
    "action",
    "action_schemas",
    "last_range",
]
