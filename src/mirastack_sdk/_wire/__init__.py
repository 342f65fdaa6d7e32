"""The wire: gRPC calls between an agent and its engine, from messages down to bytes.

Two ends use the same parts. `server` serves the engine's calls, `client` calls the engine; both
run one HTTP/2 connection object (`http2`) over a socket (`socket`), with TLS in between if it is
configured (`tls`). `grpc` has the rules of gRPC over HTTP/2, `codec` turns messages into bytes of
protobuf or JSON and back.

Message objects and handlers come in, bytes go out, and the reverse. Decisions are made in code
without I/O (`http2`, request checks, timeouts, keepalive); thin asyncio protocols carry them out.

Nothing here knows plugins, actions or the messages of the contract: the runtime passes codecs and
handlers in. Nothing here reads the environment.
"""
