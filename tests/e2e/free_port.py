"""Ports for programs that cannot choose one themselves."""

import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port
