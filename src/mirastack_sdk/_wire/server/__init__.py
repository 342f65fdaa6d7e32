"""The serving side: one port, the connections on it, and the calls on those.

A `Server` accepts connections up to a limit. Each `ServerConnection` turns HTTP/2 events into
`ServerCall`s, which decode the request, run the handler in a task and encode its response, and
turns their outcomes into frames. A call with streams is a `StreamCall`, a module that is loaded at
the first one. `client_watch` decides when a client that sends, reads or answers too slowly is
pinged or disconnected, and `timed_connection` does it.

Handlers come in, responses go out. `drain()` ends a server without losing a call: it announces the
end, lets calls finish, and cancels those that are late.

What a method does, and how many executions may run, is the runtime's decision.
"""
