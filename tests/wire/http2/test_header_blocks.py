"""HPACK with caches, compared with the hpack library without them (RFC 7541)."""

import copy
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

import pytest
from hpack import Decoder, Encoder, HPACKError, NeverIndexedHeaderTuple
from hpack.hpack import encode_integer
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._wire.http2.events import Headers
from mirastack_sdk._wire.http2.frames import HeaderReader, HeaderWriter
from mirastack_sdk._wire.http2.protocol_errors import Http2ConnectionError
from tests.wire.http2.effort import thorough

_LIMIT = 64 * 1024
# Few, so that the same block comes again and again while the table changes under it.
_NAMES = (b"a", b"b", b":path", b"grpc-timeout", b"x-long")
_VALUES = (b"", b"1", b"\xff", b"/a/b", b"1S", b"v" * 60, b"w" * 4_100)
_TABLE_SIZES = (4_096, 0, 33, 100, 200)

# Read three bytes at a time: hypothesis draws and shrinks those fastest.
_SCRIPTS = st.binary(min_size=30, max_size=240)
_ORDERS = st.binary(min_size=5, max_size=60)


def _triples(script: bytes) -> Iterator[tuple[int, int, int]]:
    for start in range(0, len(script) - 2, 3):
        first, second, third = script[start : start + 3]
        yield first, second, third


def _text(fields: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in fields)


def _header_lists(script: bytes) -> Iterator[list[tuple[bytes, bytes]]]:
    """Lists of up to four fields, of few names and values."""
    fields: list[tuple[bytes, bytes]] = []
    for name, value, more in _triples(script):
        fields.append((_NAMES[name % len(_NAMES)], _VALUES[value % len(_VALUES)]))
        if len(fields) == 4 or more % 3 == 0:
            yield fields
            fields = []


def _length_and(data: bytes) -> bytes:
    return bytes(encode_integer(len(data), 7)) + data


def _prefixed(pattern: int, bits: int, number: int) -> bytes:
    data = encode_integer(number, bits)
    data[0] |= pattern
    return bytes(data)


def _name(number: int) -> bytes:
    return _length_and(_NAMES[number % len(_NAMES)])


def _value(number: int) -> bytes:
    return _length_and(_VALUES[number % len(_VALUES)])


# Section 6's representations, whatever an encoder would have chosen.
_REPRESENTATIONS: tuple[Callable[[int, int], bytes], ...] = (
    lambda first, _: _prefixed(0x80, 7, 62 + first % 6),
    lambda first, _: _prefixed(0x80, 7, 1 + first % 61),
    lambda first, second: b"\x40" + _name(first) + _value(second),
    lambda first, second: b"\x00" + _name(first) + _value(second),
    lambda first, second: b"\x10" + _name(first) + _value(second),
    lambda first, second: _prefixed(0x40, 6, 60 + first % 6) + _value(second),
    lambda first, _: _prefixed(0x20, 5, _TABLE_SIZES[first % len(_TABLE_SIZES)]),
)


def _blocks(script: bytes) -> list[bytes]:
    """Blocks of up to four representations."""
    blocks, block, parts = [], b"", 0
    for kind, first, second in _triples(script):
        block += _REPRESENTATIONS[kind % len(_REPRESENTATIONS)](first, second)
        parts += 1
        if parts == 4 or second % 3 == 0:
            blocks.append(block)
            block, parts = b"", 0
    return [*blocks, block]


def _decode(decoder: Decoder, block: bytes) -> Headers | None:
    try:
        return _text(decoder.decode(block, raw=True))
    except HPACKError:
        return None


def _read(reader: HeaderReader, block: bytes) -> Headers | None:
    try:
        return reader.read(block).headers
    except Http2ConnectionError:
        return None


@thorough
@given(_SCRIPTS)
def test_reads_what_an_encoder_writes(script: bytes) -> None:
    """With indexing, eviction, resizing and Huffman coding, the headers are those of hpack."""
    encoder, decoder, reader = Encoder(), Decoder(_LIMIT), HeaderReader(_LIMIT)
    for number, fields in enumerate(_header_lists(script)):
        if number % 5 == 4:
            encoder.header_table_size = _TABLE_SIZES[script[number] % len(_TABLE_SIZES)]
        # The library takes its time over the Huffman code of long values.
        huffman = script[number] % 2 == 0 and sum(len(value) for _, value in fields) < 1_000
        block = encoder.encode(fields, huffman=huffman)
        assert _decode(decoder, block) == reader.read(block).headers == _text(fields)


@pytest.mark.pure_python("compiled readers cannot be copied")
@thorough
@given(_SCRIPTS, _ORDERS)
def test_never_reads_stale_headers(script: bytes, order: bytes) -> None:
    """A block means something else once the table has changed in any way."""
    decoder, reader, blocks = Decoder(_LIMIT), HeaderReader(_LIMIT), _blocks(script)
    for number in order:
        block = blocks[number % len(blocks)]
        expected = _decode(copy.deepcopy(decoder), block)
        if expected is None:
            # It would end the connection. On a copy it does, and the original goes on.
            assert _read(copy.deepcopy(reader), block) is None
        else:
            assert reader.read(block).headers == expected == _decode(decoder, block)


@thorough
@given(_SCRIPTS)
def test_writes_what_any_decoder_reads(script: bytes) -> None:
    """The hpack library reads the block, new or remembered, without a dynamic table."""
    writer, decoder = HeaderWriter(), Decoder(_LIMIT)
    for fields in _header_lists(script + script):
        headers = _text(fields)
        assert _decode(decoder, writer.write(headers)) == headers
        assert not decoder.header_table.dynamic_entries


def test_a_decoder_without_a_dynamic_table_is_served() -> None:
    """A peer may set HEADER_TABLE_SIZE to 0: the first block sets the size to 0 (4.2)."""
    decoder, writer = Decoder(), HeaderWriter()
    decoder.max_allowed_table_size = 0
    headers = (("a", "b"), (":path", "/"))
    for _ in range(3):
        assert _decode(decoder, writer.write(headers)) == headers


def _insertion(name: bytes) -> bytes:
    return b"\x40" + _length_and(name) + _length_and(b"1")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_insertion(b"c"), id="insertion"),
        pytest.param(b"\x20" + b"\x3f\xe1\x1f", id="emptied"),
        pytest.param(_prefixed(0x20, 5, 40) + b"\x3f\xe1\x1f", id="oldest evicted"),
    ],
)
def test_a_change_of_the_table_ends_what_is_kept(change: bytes) -> None:
    """An index that was read before means another field, or none, afterwards."""
    reader = HeaderReader(_LIMIT)
    reader.read(_insertion(b"a") + _insertion(b"b"))
    for _ in range(2):
        assert reader.read(b"\xbf").headers == (("a", "1"),)
    reader.read(change)
    assert _read(reader, b"\xbf") in (None, (("b", "1"),))


def test_a_block_is_kept_while_the_table_stays_the_same() -> None:
    """It is decoded once, even if there are entries in the table."""
    reader, encoder = HeaderReader(_LIMIT), Encoder()
    reader.read(encoder.encode([(b"a", b"1")]))
    block = encoder.encode([(b"a", b"1")])
    assert reader.read(block) is reader.read(block)


def test_a_change_of_size_is_never_skipped() -> None:
    """A block that only resizes the table has no headers, but must be decoded."""
    reader, small, large = HeaderReader(_LIMIT), _prefixed(0x20, 5, 40), b"\x3f\xe1\x1f"
    for block in (small, large, small):
        assert reader.read(block).headers == ()
    reader.read(_insertion(b"a") + _insertion(b"b"))
    assert reader.read(b"\xbe").headers == (("b", "1"),)
    assert _read(reader, b"\xbf") is None


def test_what_a_few_bytes_stand_for_is_not_kept() -> None:
    """A peer cannot make us remember megabytes with blocks of a hundred bytes each."""
    long_value = _length_and(b"v" * 3_900)
    blocks = [b"\xbe" * 15 + bytes([0x80 | number]) for number in range(2, 62)]
    reader = HeaderReader(_LIMIT)
    reader.read(b"\x40\x01a" + long_value)
    tracemalloc.start()
    try:
        for block in blocks:
            assert len(reader.read(block).headers) == 16
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()


def test_a_token_is_written_as_a_literal_that_is_never_indexed() -> None:
    """RFC 7541 section 7.1.3: proxies keep it out of their tables. It is the same each time."""
    writer = HeaderWriter()
    writer.write((("x-first", "1"),))
    headers = (("authorization", "Bearer s3"), ("x-kept", "s"))
    # 0001 and the index 23 of the static table, the value's length, and the value.
    token = b"\x1f\x08" + b"\x09Bearer s3"
    assert [writer.write(headers)[: len(token)] for _ in range(3)] == [token] * 3
    decoded = Decoder().decode(writer.write(headers), raw=True)
    assert [isinstance(header, NeverIndexedHeaderTuple) for header in decoded] == [True, False]
