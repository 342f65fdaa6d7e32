"""The run of one action, and what the agent keeps between its runs.

An `ActionRunner` converts the parameters, fills in the dependencies (`injection`), calls the
author's function (`author_functions`) within its limits, and returns a response of limited size.
Resources belong to a generation: a new config opens a new generation, and the old one closes after
the calls that use it. `agent_lifespan` opens and replaces generations; `hooks` reads the author's
lifespans, health checks and config hooks.

A request comes in and an `ExecuteResponse` goes out. Errors in parameters, timeouts and
`ActionError`s are responses; any other exception passes to the runtime.
"""
