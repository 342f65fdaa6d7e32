"""HPACK (RFC 7541) with the `hpack` library, and caches in front of it."""

import logging

from hpack import Decoder, Encoder, HPACKError, OversizedHeaderListError

from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError

# At DEBUG the library logs every header of every call, including tokens.
logging.getLogger("hpack").setLevel(logging.WARNING)

# Sent as never-indexed literals, which proxies must not add to a table (RFC 7541 §7.1.3).
_SECRET = frozenset({"authorization"})
_KEPT_BLOCKS = 128
_LONGEST_KEPT = 1_024
_MOST_KEPT = 4_096


def worth_keeping(headers: Headers) -> bool:
    """Whether headers are small enough for a cache; a few bytes can expand to a lot."""
    return len(headers) <= 64 and sum(len(n) + len(v) for n, v in headers) <= _MOST_KEPT


class HeaderReader:
    """Decodes the header blocks of one connection.

    A block means the same headers as long as the dynamic table does not change (RFC 7541 §2.3.2).
    After the first calls of a connection most blocks are the same, so their headers are cached.
    """

    def __init__(self, max_header_list_size: int) -> None:
        self._decoder = Decoder(max_header_list_size)
        self._table = self._decoder.header_table
        self._kept: dict[bytes, Headers] = {}

    def __contains__(self, block: bytes) -> bool:
        return block in self._kept

    def read(self, block: bytes) -> Headers:
        """Return the headers of a block; raises `Http2ConnectionError` (RFC 9113 §4.3)."""
        headers = self._kept.get(block)
        if headers is not None:
            return headers
        entries = self._table.dynamic_entries
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
        still_newest = entries[0] if entries else None
        if still_newest is not newest or len(entries) != count or self._table.maxsize != size:
            self._kept.clear()
        elif len(block) <= _LONGEST_KEPT and worth_keeping(headers):
            if len(self._kept) >= _KEPT_BLOCKS:
                self._kept.clear()
            self._kept[block] = headers
        return headers


class HeaderWriter:
    """Encodes header lists without a dynamic table, so that equal lists are equal blocks."""

    def __init__(self) -> None:
        self._encoder = Encoder()
        # The first block announces it to the peer (RFC 7541 §4.2).
        self._encoder.header_table_size = 0
        self._kept: dict[Headers, bytes] = {}
        self._announced = False

    def write(self, headers: Headers) -> bytes:
        """Return the block for a header list."""
        block = self._kept.get(headers)
        if block is None:
            raw = [
                (name.encode("latin-1"), value.encode("latin-1"), name in _SECRET)
                for name, value in headers
            ]
            block = self._encoder.encode(raw, huffman=False)
            if not self._announced:
                self._announced = True
            elif len(block) <= _LONGEST_KEPT:
                if len(self._kept) >= _KEPT_BLOCKS:
                    self._kept.clear()
                self._kept[headers] = block
        return block
