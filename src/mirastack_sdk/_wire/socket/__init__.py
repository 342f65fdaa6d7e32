"""Sockets for both ends: listening, dialing, reading and writing.

`protocol` is the asyncio protocol that feeds an HTTP/2 connection with received bytes and writes
what it has to send, in few writes and in turn with the other connections. `listening` binds the
server's port, `dialing` connects to the first address of a host that answers, and `first_bytes`
recognizes peers that speak TLS or something else.

What the bytes mean is decided in `http2`; what a connection is used for, in `server` and `client`.
"""
