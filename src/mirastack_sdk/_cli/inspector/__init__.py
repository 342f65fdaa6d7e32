"""The inspector: what `mirastack-agent dev` shows of an agent, on a page and as an HTTP API.

`inspector_app` has the routes, and `request_guard` refuses what other web pages send.
`inspector_desk` joins what the routes read and change: the local engine, executions, approvals, the
log and the config. Everything that happens goes through `event_stream` to the pages that are open.
"""
