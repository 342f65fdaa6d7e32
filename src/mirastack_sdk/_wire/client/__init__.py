"""The calling side: calls of one server, over connections that come and go.

A `Channel` encodes a request, takes a connection from its pool, and decodes the response. The pool
makes a connection when a call needs one, at the pace of the reconnect backoff, and replaces it
after a GOAWAY or a loss. Each `ClientConnection` maps calls to streams and pings a silent server
while calls wait.

A call with streams is a `StreamedCall`, whose `Responses` its caller iterates over. These modules
are loaded at the first one.

A call ends with its message, with `GRPCError` (the server's status), with `CallLostError` (no
response, with what is known about the call), or at its deadline. Only calls that the server did
not process are sent again here; every other retry is the runtime's decision. `engine_errors`
translates all of these into the public `EngineError`.
"""
