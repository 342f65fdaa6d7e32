"""HTTP/2 for gRPC without sockets or tasks: bytes in, events out; commands in, bytes out."""
