"""The inspector: what `mirastack-agent dev` shows of an agent, on a page and as an HTTP API.

`inspector_desk` joins what can be read and changed: the local engine, executions, approvals, the
log and the config. Everything that happens goes through `event_stream` to the pages that are open.
`web` serves that over HTTP, and `page` holds the page's files.
"""
