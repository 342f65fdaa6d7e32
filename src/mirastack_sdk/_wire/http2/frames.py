"""Readers and writers of frames (RFC 9113 §4.1, §6) and of header blocks (HPACK, RFC 7541).

Header blocks are left to the `hpack` library, with caches in front of it.
"""

import logging
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from hpack import Decoder, Encoder, HPACKError, OversizedHeaderListError

from mirastack_sdk._wire.http2.codes import ErrorCode, Flag, FrameType
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.header_cache import HeaderCache
from mirastack_sdk._wire.http2.header_rules import Meaning
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError

HEADER_SIZE = 9
# Without the reserved bit, which must be ignored (§4.1).
STREAM_ID_MASK: Final = 0x7FFF_FFFF

# The length in three bytes and the type in one, the flags, the stream id.
_HEADER = struct.Struct(">LBL")
_UINT32 = struct.Struct(">L")
_SETTING = struct.Struct(">HL")
_GOAWAY = struct.Struct(">LL")

# At DEBUG the library logs every header of every call, including tokens.
logging.getLogger("hpack").setLevel(logging.WARNING)

# The size of the dynamic table is 0 from now on (RFC 7541 §4.2, §6.3).
_NO_TABLE: Final = b"\x20"

# Sent as never-indexed literals, which proxies must not add to a table (RFC 7541 §7.1.3).
_SECRET = frozenset({"authorization"})


def frame(frame_type: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    """Return one frame."""
    return pack_header(len(payload) << 8 | frame_type, flags, stream_id) + payload


# The methods of the struct itself, which cost no Python call.
pack_header = _HEADER.pack
"""Return the header of a frame, of `length << 8 | type`, the flags and the stream id."""

unpack_header: Callable[[bytes, int], tuple[int, int, int]] = _HEADER.unpack_from
"""Return what `pack_header` takes, of the header at a position; the reserved bit is kept."""


def header_frames(stream_id: int, block: bytes, max_size: int, *, end_stream: bool) -> bytes:
    """Return a HEADERS frame, and CONTINUATION frames if the block is too long (§4.3, §6.10)."""
    flags = Flag.END_STREAM if end_stream else 0
    if len(block) <= max_size:
        return (
            pack_header(len(block) << 8 | FrameType.HEADERS, flags | Flag.END_HEADERS, stream_id)
            + block
        )
    frames = [frame(FrameType.HEADERS, flags, stream_id, block[:max_size])]
    for start in range(max_size, len(block), max_size):
        part = block[start : start + max_size]
        last = Flag.END_HEADERS if start + max_size >= len(block) else 0
        frames.append(frame(FrameType.CONTINUATION, last, stream_id, part))
    return b"".join(frames)


def rst_stream_frame(stream_id: int, code: int) -> bytes:
    """Return RST_STREAM, which ends a stream (§6.4)."""
    return frame(FrameType.RST_STREAM, 0, stream_id, _UINT32.pack(code))


def window_update_frame(stream_id: int, increment: int) -> bytes:
    """Return WINDOW_UPDATE, which lets the peer send more (§6.9)."""
    return frame(FrameType.WINDOW_UPDATE, 0, stream_id, _UINT32.pack(increment))


def settings_frame(settings: Iterable[tuple[int, int]]) -> bytes:
    """Return SETTINGS (§6.5.1)."""
    payload = b"".join(_SETTING.pack(number, value) for number, value in settings)
    return frame(FrameType.SETTINGS, 0, 0, payload)


def goaway_frame(last_stream_id: int, code: int, reason: str) -> bytes:
    """Return GOAWAY, with `reason` as its debug data (§6.8)."""
    return frame(
        FrameType.GOAWAY, 0, 0, _GOAWAY.pack(last_stream_id, code) + reason.encode()[:1024]
    )


SETTINGS_ACK = frame(FrameType.SETTINGS, Flag.ACK, 0, b"")


def read_uint32(payload: bytes) -> int:
    """Return the error code of RST_STREAM (§6.4)."""
    number: int = _UINT32.unpack(payload)[0]
    return number


def read_increment(payload: bytes) -> int:
    """Return the increment of WINDOW_UPDATE, without the reserved bit (§6.9)."""
    return read_uint32(payload) & STREAM_ID_MASK


def read_settings(payload: bytes) -> list[tuple[int, int]]:
    """Return the numbers and values of SETTINGS in their order, which matters (§6.5.3)."""
    return list(_SETTING.iter_unpack(payload))


def read_goaway(payload: bytes) -> tuple[int, int, str]:
    """Return the last stream id, the error code and the debug data of GOAWAY (§6.8)."""
    last_stream_id, code = _GOAWAY.unpack_from(payload)
    return last_stream_id & STREAM_ID_MASK, code, payload[8:].decode("utf-8", "replace")


def without_padding(payload: bytes, flags: int) -> bytes:
    """Return a payload without its padding (§6.1)."""
    if not flags & Flag.PADDED:
        return payload
    if not payload:
        raise Http2ConnectionError(
            ErrorCode.FRAME_SIZE_ERROR, "a padded frame without a pad length"
        )
    padding = payload[0]
    if padding >= len(payload):
        raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "the padding is as long as the frame")
    return payload[1 : len(payload) - padding]


def require_stream(stream_id: int, what: str) -> None:
    """Raise `Http2ConnectionError` if a frame is for the connection (§6)."""
    if not stream_id:
        raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, f"{what} on stream 0")


def require_connection(stream_id: int, what: str) -> None:
    """Raise `Http2ConnectionError` if a frame is for a stream (§6)."""
    if stream_id:
        raise Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, f"{what} on a stream")


def require_size(payload: bytes, size: int, what: str) -> None:
    """Raise `Http2ConnectionError` if a payload does not have exactly `size` bytes (§4.2)."""
    if len(payload) != size:
        raise Http2ConnectionError(
            ErrorCode.FRAME_SIZE_ERROR, f"{what} has {len(payload)} bytes, not {size}"
        )


def header_list_size(headers: Headers) -> int:
    """Return the size of a header list as SETTINGS_MAX_HEADER_LIST_SIZE counts it (§6.5.2)."""
    return sum(len(name) + len(value) for name, value in headers) + 32 * len(headers)


class DecodedBlock:
    """The headers of a header block.

    `request` is what they mean if they are those of a request and have passed the rules; then they
    need not be checked when the block arrives again.
    """

    __slots__ = ("headers", "request")

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.request: Meaning | None = None


class HeaderReader:
    """Decodes the header blocks of one connection.

    A block means the same headers as long as the dynamic table does not change (RFC 7541 §2.3.2).
    After the first calls of a connection most blocks are the same, so decoded blocks are `kept`.
    """

    def __init__(self, max_header_list_size: int) -> None:
        self._decoder = Decoder(max_header_list_size)
        self._table = self._decoder.header_table
        self.kept: HeaderCache[bytes, DecodedBlock] = HeaderCache()

    def read(self, block: bytes) -> DecodedBlock:
        """Return what a block says; raises `Http2ConnectionError` (RFC 9113 §4.3)."""
        kept = self.kept.entries.get(block)
        if kept is not None:
            return kept
        # Objects, not tuples: mypyc copies those, so that they have no identity when compiled.
        entries: Sequence[object] = self._table.dynamic_entries
        # An insertion puts a new entry first. The reference here keeps the old one alive, so that
        # no new entry can have its identity.
        newest, count, size = entries[0] if entries else None, len(entries), self._table.maxsize
        try:
            decoded = self._decoder.decode(block, raw=True)
        except OversizedHeaderListError as error:
            raise Http2ConnectionError(
                ErrorCode.ENHANCE_YOUR_CALM, "the header list is too large"
            ) from error
        except (HPACKError, IndexError, ValueError) as error:
            raise Http2ConnectionError(
                ErrorCode.COMPRESSION_ERROR, f"a header block cannot be decoded: {error}"
            ) from error
        # latin-1 maps each byte to one character, so that no value fails and all stay distinct.
        headers = tuple((str(n, "latin-1"), str(v, "latin-1")) for n, v in decoded)
        result = DecodedBlock(headers)
        still_newest = entries[0] if entries else None
        if still_newest is not newest or len(entries) != count or self._table.maxsize != size:
            self.kept.clear()
        else:
            self.kept.keep(block, result, headers, also=len(block))
        return result


class HeaderEncoder:
    """Encodes header lists without a dynamic table.

    So equal lists are equal blocks on every connection, and two blocks after each other are the
    block of both lists.
    """

    def __init__(self) -> None:
        self._encoder = Encoder()
        self._encoder.header_table_size = 0
        # It announces that in its first block, which need not be the first of a connection.
        self._encoder.encode([])
        self._kept: HeaderCache[Headers, bytes] = HeaderCache()

    def encode(self, headers: Headers) -> bytes:
        """Return the block for a header list; raises `ValueError` for text that is not latin-1."""
        block = self._kept.entries.get(headers)
        if block is None:
            raw = [
                (name.encode("latin-1"), value.encode("latin-1"), name in _SECRET)
                for name, value in headers
            ]
            block = self._encoder.encode(raw, huffman=False)
            self._kept.keep(headers, block, headers, also=len(block))
        return block


class HeaderWriter(HeaderEncoder):
    """Encodes the header lists that one connection sends.

    The first block announces that there is no dynamic table; the others are as they are encoded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_first = True

    def write(self, headers: Headers) -> bytes:
        """Return the block to send for a header list; raises what `encode` raises."""
        block = None if self.is_first else self._kept.entries.get(headers)
        return self.announce(self.encode(headers)) if block is None else block

    def announce(self, block: bytes) -> bytes:
        """Return the block to send for an encoded one."""
        if not self.is_first:
            return block
        self.is_first = False
        return _NO_TABLE + block
