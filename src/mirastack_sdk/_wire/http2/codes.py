"""The constants of RFC 9113: frame types, flags, error codes, settings and their bounds."""

import enum
from typing import Final

# §3.4
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

# §6.9.1, §5.1.1 and §6.9.2
LARGEST_WINDOW: Final = 2**31 - 1
LARGEST_STREAM_ID: Final = 2**31 - 1
# A client whose highest id is this or larger has used up its ids (§5.1.1).
LAST_CLIENT_STREAM_ID: Final = LARGEST_STREAM_ID - 1
# Beyond every stream id.
NO_LAST_STREAM: Final = LARGEST_STREAM_ID + 1
DEFAULT_WINDOW: Final = 65_535
# §4.2
SMALLEST_MAX_FRAME_SIZE: Final = 16_384
LARGEST_MAX_FRAME_SIZE: Final = 2**24 - 1


class FrameType(enum.IntEnum):
    """The types of frames (RFC 9113 §6)."""

    DATA = 0x0
    HEADERS = 0x1
    PRIORITY = 0x2
    RST_STREAM = 0x3
    SETTINGS = 0x4
    PUSH_PROMISE = 0x5
    PING = 0x6
    GOAWAY = 0x7
    WINDOW_UPDATE = 0x8
    CONTINUATION = 0x9


class Flag:
    """The flags that this connection reads (RFC 9113 §6); others are ignored (§4.1).

    Plain numbers, because operations on an `enum.IntFlag` are slow.
    """

    END_STREAM: Final = 0x1
    ACK: Final = 0x1
    END_HEADERS: Final = 0x4
    PADDED: Final = 0x8
    PRIORITY: Final = 0x20


class ErrorCode(enum.IntEnum):
    """The error codes (RFC 9113 §7); an unknown code stays a plain number."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    CONNECT_ERROR = 0xA
    ENHANCE_YOUR_CALM = 0xB
    INADEQUATE_SECURITY = 0xC
    HTTP_1_1_REQUIRED = 0xD


class Setting(enum.IntEnum):
    """The settings (RFC 9113 §6.5.2)."""

    HEADER_TABLE_SIZE = 0x1
    ENABLE_PUSH = 0x2
    MAX_CONCURRENT_STREAMS = 0x3
    INITIAL_WINDOW_SIZE = 0x4
    MAX_FRAME_SIZE = 0x5
    MAX_HEADER_LIST_SIZE = 0x6


class Role(enum.Enum):
    """The end of the connection that this is."""

    CLIENT = "client"
    SERVER = "server"
