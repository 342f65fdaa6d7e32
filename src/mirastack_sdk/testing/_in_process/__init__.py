"""An agent that is served within the test's process, without sockets.

`agent_client` runs the agent as `serve()` does: its lifespans, its registration, its config. Only
the network is replaced: `MemoryNetwork` connects the real client, server and codecs in memory.
`MockEngineService` answers the agent's calls from a `MockEngineClient`.
"""
