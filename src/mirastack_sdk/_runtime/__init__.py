"""The process of an agent: everything that owns a task, a thread or a signal.

The runtime connects the pure parts with the world. `serve` reads the environment and checks the
plugin; `lifecycle` nests what a running agent consists of, so that leaving the nest is the
shutdown: deregister, drain, close the lifespan, send the last telemetry. `agent_service` hands the
engine's calls to the author's code (`calls`); `engine_access` keeps the agent registered and calls
the engine back; `telemetry` records both directions.

What comes in are a plugin and settings, what goes out are calls and log lines. Whether a
declaration is valid or a call is repeated is decided in `_core`; bytes are moved in `_wire`. Only
`clock` sleeps, and only the start of `serve()` reads the environment.
"""
