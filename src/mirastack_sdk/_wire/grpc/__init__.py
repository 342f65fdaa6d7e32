"""gRPC over HTTP/2, as far as neither end decides it: headers, messages, status."""
