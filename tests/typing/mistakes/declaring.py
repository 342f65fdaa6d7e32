"""Mistakes in what an agent declares: each marked line is wrong, and only those."""

from mirastack_sdk.plugin import (
    Action,
    IntentPattern,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
    PromptTemplate,
)

READ = Permission.READ
PARAM = ParamSchema(type="string")
ACTION = Action("get_status", "Get the status.", {"service": PARAM})

PluginInfo("my_agent", "1.0.0", "An agent", READ)  # error: call-arg
PluginInfo("my_agent", "1.0.0", "An agent", "read", ["observe"])  # error: arg-type
PluginInfo("my_agent", "1.0.0", "An agent", READ, "observe")  # error: arg-type
PluginInfo("my_agent", "1.0.0", "An agent", READ, [Permission.READ])  # error: list-item
PluginInfo("my_agent", 1.0, "An agent", READ, ["observe"])  # error: arg-type
PluginInfo("my_agent", "1.0.0", "An agent", READ, ["observe"], author="me")  # error: call-arg
PluginInfo("my_agent", "1.0.0", "An agent", Permission.WRITE, ["observe"])  # error: attr-defined
PluginInfo("my_agent", "1.0.0", "An agent", READ, ["observe"], ["query *"])  # error: list-item

ParamSchema()  # error: call-arg
ParamSchema(type=str)  # error: arg-type
ParamSchema(type="string", required="yes")  # error: arg-type
ParamSchema(type="string", enum=("a", "b"))  # error: arg-type
ParamSchema(type="integer", default=5)  # error: arg-type

Action("get_status", "Get the status.")  # error: call-arg
Action("get_status", "Get the status.", [PARAM])  # error: arg-type
Action("get_status", "Get the status.", {"service": "string"})  # error: dict-item
Action("get_status", "Get the status.", {}, permission="read")  # error: arg-type
Action("get_status", "Get the status.", {}, intents="status of *")  # error: arg-type
Action("get_status", "Get the status.", {}, intents=["status of *", 1])  # error: list-item
Action("get_status", "Get the status.", {}, stages=[1])  # error: list-item

PluginSchema()  # error: call-arg
PluginSchema(actions=ACTION)  # error: arg-type
PluginSchema(actions={"get_status": ACTION})  # error: arg-type

IntentPattern(action="get_status")  # error: call-arg
IntentPattern("status of *", "get_status", 9)  # error: call-arg
IntentPattern("status of *", priority="high")  # error: arg-type
IntentPattern(pattern="status of *", action=ACTION)  # error: arg-type
PromptTemplate(name="summary", content=["first", "second"])  # error: arg-type

ACTION.description = None  # error: assignment
