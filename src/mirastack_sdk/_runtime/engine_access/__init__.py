"""The agent's side of the engine: calls, registration and config.

`EngineLink` makes every call of the engine, with its deadline, its retries and one kind of error.
Three callers share it: `Session` registers the agent and sends heartbeats, `EngineConfig` fetches
the config and hands it to the author, and an `RpcEngineClient` serves the callbacks of one
execution, which end with it.

Documented values come in; contract messages go to the channel in `_wire/client`. Which call may be
repeated, and when, is decided in `_core/policy`.
"""
