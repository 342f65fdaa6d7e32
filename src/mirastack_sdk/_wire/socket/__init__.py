"""Sockets: dialing, listening, reading and writing for HTTP/2."""
