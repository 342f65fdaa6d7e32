"""An agent's actions as a server of the Model Context Protocol (MCP).

The agent is served over real sockets beside a local engine, and each call of a tool is one
execution. `offered_tools`, `tool_arguments`, `tool_results` and `offered_prompts` translate between
the two protocols; `tool_call` and `running_calls` follow the executions; `stdio_transport` and
`http_transport` talk to clients.
"""
