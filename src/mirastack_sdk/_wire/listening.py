"""The socket a server listens on."""

import errno
import socket

_BACKLOG = 1024
# A host without IPv6 says so in one of these ways.
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def listen(host: str, port: int) -> socket.socket:
    """Listen on `host` and `port`; an empty host is every interface, port 0 a free port.

    One socket serves IPv4 and IPv6 where the system can, so that a free port is the same for both.
    Raises `OSError` when the address cannot be bound.
    """
    if host:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
            )
        except OSError as error:
            if error.errno not in _NO_IPV6:
                raise
    return socket.create_server(("", port), backlog=_BACKLOG)
