"""HPACK (RFC 7541) through the `hpack` library, whose results are kept while they hold."""

import logging

from hpack import Decoder, Encoder, HPACKError, OversizedHeaderListError

from mirastack_sdk._wire.http2.codes import ErrorCode
from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError

# At DEBUG it would write every header of every call, tokens included, wherever that goes.
logging.getLogger("hpack").setLevel(logging.WARNING)

# Proxies that write headers anew must not keep these (RFC 7541, section 7.1.3).
_SECRET = frozenset({"authorization"})
_KEPT_BLOCKS = 128
_LONGEST_KEPT = 1_024
_MOST_KEPT = 4_096


def worth_keeping(headers: Headers) -> bool:
    """Whether headers are as small as those of calls are; a few bytes can stand for a lot."""
    return len(headers) <= 64 and sum(len(n) + len(v) for n, v in headers) <= _MOST_KEPT


class HeaderReader:
    """Decodes the header blocks of one connection.

    The same block means the same headers as long as the dynamic table has not changed, and after
    the first calls of a connection most blocks are the same: those are remembered.
    """

    def __init__(self, max_header_list_size: int) -> None:
        self._decoder = Decoder(max_header_list_size)
        self._table = self._decoder.header_table
        self._kept: dict[bytes, Headers] = {}

    def __contains__(self, block: bytes) -> bool:
        return block in self._kept

    def read(self, block: bytes) -> Headers:
        """Return the headers of a block; raises `Http2ConnectionError`: the table is lost then."""
        headers = self._kept.get(block)
        if headers is not None:
            return headers
        entries = self._table.dynamic_entries
        # An insertion puts a new object first. Held here, so that no new one can be taken for it.
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
        # latin-1 maps each byte to a character: no value can fail, all can be told apart.
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
    """Encodes header lists without a dynamic table, so that a list is always the same block."""

    def __init__(self) -> None:
        self._encoder = Encoder()
        # Announced to the peer by the first block (section 4.2).
        self._encoder.header_table_size = 0
        self._kept: dict[Headers, bytes] = {}
        self._announced = False

    def write(self, headers: Headers) -> bytes:
        """Return the block of a header list."""
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
