"""The socket a server listens on."""

import errno
import socket

BACKLOG = 1024
# A host without IPv6 says so in one of these ways.
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def listen(host: str, port: int) -> socket.socket:
    """Listen on `host` and `port`; an empty host is every interface, port 0 a free port.

    One socket serves IPv4 and IPv6 where the system can, so that a free port is the same for both.
    Raises `OSError` when the address cannot be bound.
    """
    listener = _bind(host, port)
    # Connections inherit it. asyncio would set it only on sockets that name their protocol, which
    # create_server's do not, and each answer would wait 40 ms for the peer's delayed ACK.
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
