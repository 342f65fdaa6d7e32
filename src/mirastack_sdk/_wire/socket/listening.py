"""The socket a server listens on."""

import errno
import socket

BACKLOG = 1024
# The errors of a host without IPv6.
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def listen(host: str, port: int) -> socket.socket:
    """Listen on `host` and `port`; an empty host means every interface, port 0 a free port.

    One socket serves IPv4 and IPv6 where the system supports that, so that a free port is the same
    for both. Raises `OSError` when the address cannot be bound.
    """
    listener = _bind(host, port)
    # Connections inherit it. asyncio sets it only on sockets that were made with an explicit
    # protocol number; without it a response can wait 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _bind(host: str, port: int) -> socket.socket:
    if host:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
            )
        except OSError as error:
            if error.errno not in _NO_IPV6:
                raise
    return socket.create_server(("", port), backlog=BACKLOG)
