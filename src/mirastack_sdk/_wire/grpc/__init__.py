"""The rules of gRPC over HTTP/2 that servers and clients share.

`request_check` decides on a request's headers: is it gRPC, is the method known, may the caller
make it, and until when. `message_reader` takes the length-prefixed message out of DATA frames,
`metadata` encodes metadata and status texts as headers, `status` ends a call with a status, and
`current_call` is what a handler may ask about the call that it serves.

The rules are those of grpc/doc/PROTOCOL-HTTP2.md, cited as "gRPC over HTTP/2". All of it is
decided without I/O; frames and streams belong to `http2`, tasks and deadlines to `server`.
"""
