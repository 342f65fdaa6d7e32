"""Keeps clients from connecting to a socket that is about to be closed.

Between the last `accept` and the `close`, the system completes more handshakes, and it resets those
connections, with the requests that clients have already sent. On Linux, a filter that drops the
first packet of each handshake prevents that: the client's system sends it again a second later, the
connection is refused then, and a balancer takes the call to another replica.
"""

import socket
import struct
import sys
from array import array
from collections.abc import Iterable

# From asm/socket.h; Python's `socket` does not have it.
_SO_ATTACH_FILTER = 26
_FLAGS_OF_TCP, _SYN = 13, 0x02
# In the order of linux/filter.h: the operation, what to skip if it is true or false, its value.
_DROP_SYN = (
    (0x30, 0, 0, _FLAGS_OF_TCP),  # load the byte
    (0x45, 0, 1, _SYN),  # is the bit set?
    (0x06, 0, 0, 0),  # drop the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # take all of it
)


def drop_handshakes(listeners: Iterable[socket.socket]) -> bool:
    """Let no more handshakes begin, and those that have begun end; return whether that works."""
    if sys.platform != "linux":
        return False
    program = array("B", b"".join(struct.pack("HBBI", *step) for step in _DROP_SYN))
    address, _ = program.buffer_info()
    option = struct.pack("HP", len(_DROP_SYN), address)
    try:
        for listener in listeners:
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
    except OSError:
        return False
    return True
