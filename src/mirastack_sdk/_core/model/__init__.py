"""The documented types: what an author declares, receives and returns.

An agent declares a `PluginInfo` and a `PluginSchema`, receives `ExecuteRequest`s and returns
`ExecuteResponse`s; `EngineClient` is the interface to the engine in between. Fields, order and
defaults are those of the documentation; further fields follow them, keyword-only and with defaults.

The types only hold values. Whether these are valid is decided in `policy`, what they look like on
the wire in `contract`.
"""
