"""HTTP/2 (RFC 9113) for gRPC, without I/O: bytes in, events out; commands in, bytes out.

`Connection` is one end of a connection. The caller passes received bytes to `receive()` and gets
events such as `HeadersReceived`; it calls `send_message()`, `reset()` or `drain()` and sends what
`data_to_send()` returns. Time is an argument, too, so that tests need neither sockets nor sleeps.

The receiving half (`receiver`, `header_receiver`) checks each frame; the sending half (`outbox`)
obeys the peer's windows and lets streams take turns; `state` is what they share. A broken rule is
a stream error or a connection error (§5.4), and each check cites its section. Budgets (`limits`,
`budgets`) bound the work that a peer can cause without making calls.

gRPC, sockets, TLS and logging do not belong here.
"""
