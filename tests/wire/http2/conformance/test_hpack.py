"""RFC 7541: which blocks a decoder accepts, and how they change its table."""

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.events import HeadersReceived, TrailersReceived
from tests.wire.http2.conformance.blocks import (
    FIRST_DYNAMIC,
    REQUEST,
    TRAILERS,
    Fields,
    block,
    indexed,
    inserted,
    integer,
    literal,
    never_indexed,
    string,
    table_size,
)
from tests.wire.http2.conformance.cases import Case, EndsConnection, Means, each
from tests.wire.http2.conformance.frames import headers
from tests.wire.http2.conformance.scene import SUBJECT, Scene, Subject

_COMPRESSION_ERROR = EndsConnection(ErrorCode.COMPRESSION_ERROR)
_HUFFMAN = 0x80
# "0" is 00000 and "a" is 00011 in Huffman's code (appendix B); the rest is padding of ones.
_HUFFMAN_0 = b"\x81\x07"

_NUMBER = "A number that goes beyond an implementation's limit, or ends early, is an error."
_STRING = "A string that is longer than its block is an error."
_PADDING = "Huffman's padding is at most 7 bits of ones."

# Name, rule, a block that cannot be decoded.
_BROKEN = [
    ("6.1-index-0", "The index 0 is not used.", indexed(0)),
    ("2.3.3-index-after-the-table", "There is nothing beyond the tables.", indexed(63)),
    ("2.3.3-index-far-after-the-table", "There is nothing beyond the tables.", indexed(70_000)),
    (
        "2.3.3-name-after-the-table-of-a-literal",
        "There is nothing beyond the tables.",
        integer(63, 6, 0x40) + string("v"),
    ),
    (
        "2.3.3-name-after-the-table-of-a-literal-without-indexing",
        "There is nothing beyond the tables.",
        integer(63, 4) + string("v"),
    ),
    ("5.1-number-that-does-not-end", _NUMBER, b"\xff\x80\x80"),
    ("5.1-number-of-many-octets", _NUMBER, b"\xff" + b"\x80" * 30 + b"\x01"),
    ("5.1-number-beyond-any-size", _NUMBER, b"\xff" + b"\xff" * 12 + b"\x01"),
    ("5.1-number-cut-off-after-its-prefix", _NUMBER, b"\x7f"),
    ("5.2-name-longer-than-the-block", _STRING, b"\x00\x05abc"),
    ("5.2-value-longer-than-the-block", _STRING, b"\x00\x01x\x05abc"),
    ("5.2-value-of-2-30-octets", _STRING, b"\x00\x01x" + integer(2**30, 7)),
    ("5.2-no-value", _STRING, b"\x00\x01x"),
    ("5.2-nothing-after-the-pattern", _STRING, b"\x40"),
    ("5.2-huffman-value-longer-than-the-block", _STRING, b"\x00\x01x\x85\x1f"),
    ("5.2-huffman-padding-of-zeros", _PADDING, b"\x00\x01x\x81\x00"),
    ("5.2-huffman-padding-of-8-bits", _PADDING, b"\x00\x01x\x82\x1f\xff"),
    ("5.2-huffman-padding-of-a-whole-octet", _PADDING, b"\x00\x01x\x82\x07\xff"),
    (
        "5.2-huffman-end-of-string",
        "A string that holds the end-of-string symbol is an error.",
        b"\x00\x01x\x84\xff\xff\xff\xff",
    ),
    (
        "6.3-table-size-above-what-we-allow",
        "A table larger than SETTINGS_HEADER_TABLE_SIZE is an error.",
        table_size(4_097) + block(*TRAILERS),
    ),
    (
        "4.2-table-size-after-a-field",
        "A change of size comes at the beginning of a block.",
        block(*TRAILERS) + table_size(1),
    ),
    (
        "4.2-table-size-between-fields",
        "A change of size comes at the beginning of a block.",
        block(*TRAILERS) + table_size(4_096) + literal("x", "v"),
    ),
    (
        "4.3-index-of-an-entry-that-was-evicted",
        "An entry that a smaller table cannot hold is gone.",
        table_size(0) + indexed(FIRST_DYNAMIC),
    ),
]

# Name, rule, a block of trailers, what it says, whether the table is what it was.
_GOOD: list[tuple[str, str, bytes, Fields, bool]] = [
    (
        "6.1-indexed-field-of-the-static-table",
        "Index 54 is the server field of appendix A.",
        indexed(54),
        (("server", ""),),
        True,
    ),
    (
        "6.1-indexed-field-of-the-dynamic-table",
        "The dynamic table comes after the static one.",
        indexed(FIRST_DYNAMIC),
        (("x-kept", "in the dynamic table"),),
        True,
    ),
    (
        "6.2.1-literal-with-indexing-and-a-new-name",
        "A field enters the table in front, and can be named at once.",
        inserted("x-new", "v") + indexed(FIRST_DYNAMIC) + indexed(FIRST_DYNAMIC + 1),
        (("x-new", "v"), ("x-new", "v"), ("x-kept", "in the dynamic table")),
        False,
    ),
    (
        "6.2.1-literal-with-indexing-and-a-known-name",
        "A name may come from either table.",
        integer(54, 6, 0x40) + string("v") + indexed(FIRST_DYNAMIC),
        (("server", "v"), ("server", "v")),
        False,
    ),
    (
        "6.2.2-literal-without-indexing-and-a-known-name",
        "A name may come from either table, and the field stays out of it.",
        integer(FIRST_DYNAMIC, 4) + string("other"),
        (("x-kept", "other"),),
        True,
    ),
    (
        "6.2.2-literal-without-indexing-and-a-new-name",
        "A literal without indexing stays out of the table.",
        literal("x-new", "v"),
        (("x-new", "v"),),
        True,
    ),
    (
        "6.2.3-literal-never-indexed",
        "A field that is never indexed is a field like others to the one that reads it.",
        never_indexed("authorization", "secret") + integer(FIRST_DYNAMIC, 4, 0x10) + string("s"),
        (("authorization", "secret"), ("x-kept", "s")),
        True,
    ),
    (
        "5.1-number-with-zeros-after-it",
        "A number may be written longer than it needs to be.",
        b"\x00" + b"\x7f\x81\x80\x00" + b"x" * 128 + string("v"),
        (("x" * 128, "v"),),
        True,
    ),
    (
        "5.2-empty-value",
        "A string may be empty.",
        b"\x00\x01x\x00",
        (("x", ""),),
        True,
    ),
    (
        "5.2-empty-huffman-value",
        "A string in Huffman's code may be empty.",
        b"\x00\x01x\x80",
        (("x", ""),),
        True,
    ),
    (
        "5.2-huffman-value",
        "A string may be in Huffman's code.",
        b"\x00\x01x" + _HUFFMAN_0,
        (("x", "0"),),
        True,
    ),
    (
        "5.2-huffman-name",
        "A name may be in Huffman's code.",
        b"\x00\x81\x1f" + string("v"),
        (("a", "v"),),
        True,
    ),
    (
        "6.3-table-size-that-stays",
        "A change of size may change nothing.",
        table_size(4_096) + indexed(FIRST_DYNAMIC),
        (("x-kept", "in the dynamic table"),),
        True,
    ),
    (
        "4.2-two-table-sizes",
        "The smallest size in between, then the last one, may both be said.",
        table_size(0) + table_size(4_096) + block(*TRAILERS),
        TRAILERS,
        False,
    ),
    (
        "4.3-table-size-that-just-holds-an-entry",
        "An entry is as large as its name, its value and 32.",
        table_size(6 + 20 + 32) + indexed(FIRST_DYNAMIC),
        (("x-kept", "in the dynamic table"),),
        True,
    ),
    (
        "4.4-entry-larger-than-the-table",
        "An entry that does not fit empties the table, and is no error.",
        table_size(64) + inserted("x-long", "v" * 100),
        (("x-long", "v" * 100),),
        False,
    ),
    (
        "4.2-a-block-that-is-a-change-of-size-alone",
        "A block may have no field.",
        table_size(4_096),
        (),
        True,
    ),
]

CASES = [
    *(
        Case(f"rfc7541-{name}", rule, headers(SUBJECT, sent, end=True), _COMPRESSION_ERROR)
        for name, rule, sent in _BROKEN
    ),
    *(
        Case(
            f"rfc7541-{name}",
            rule,
            headers(SUBJECT, sent, end=True),
            Means(TrailersReceived(SUBJECT, fields)),
            keeps_table=keeps_table,
        )
        for name, rule, sent, fields, keeps_table in _GOOD
    ),
]


@each(CASES)
def test_hpack(case: Case, role: Role) -> None:
    """A block is decoded as RFC 7541 says, or ends the connection."""
    case.play(role)


def test_rfc7541_2_2_the_same_block_means_what_the_table_says() -> None:
    """A block that names an entry means another field once the table has changed."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = block(*REQUEST) + indexed(FIRST_DYNAMIC)
    for number in (5, 7):
        kept = ("x-kept", "in the dynamic table")
        heard = scene.receive(headers(number, sent))
        assert heard.events == [HeadersReceived(number, (*REQUEST, kept), False)]
    scene.receive(headers(9, block(*REQUEST) + inserted("x-new", "v")))
    heard = scene.receive(headers(11, sent))
    assert heard.events == [HeadersReceived(11, (*REQUEST, ("x-new", "v")), False)]


def test_rfc7541_2_2_the_same_block_may_insert_twice() -> None:
    """A block that inserts does so each time that it comes."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = block(*REQUEST) + inserted("x-new", "v")
    scene.receive(headers(5, sent) + headers(7, sent))
    named = block(*REQUEST) + indexed(FIRST_DYNAMIC + 1) + indexed(FIRST_DYNAMIC + 2)
    heard = scene.receive(headers(9, named))
    fields = (*REQUEST, ("x-new", "v"), ("x-kept", "in the dynamic table"))
    assert heard.events == [HeadersReceived(9, fields, False)]


def test_rfc7541_4_3_a_block_that_was_right_is_wrong_once_its_entry_is_gone() -> None:
    """Eviction also applies to blocks that have been seen before."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    sent = block(*REQUEST) + indexed(FIRST_DYNAMIC)
    scene.receive(headers(5, sent) + headers(7, sent))
    scene.receive(headers(9, table_size(0) + block(*REQUEST)))
    failed = EndsConnection(ErrorCode.COMPRESSION_ERROR, last_stream=9)
    failed.check(scene, scene.receive(headers(11, sent)))


def test_rfc7541_4_4_the_oldest_entry_goes_first() -> None:
    """A full table drops what came first."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    filler = b"".join(inserted(f"x-{number:02}", "v" * 64) for number in range(40))
    scene.receive(headers(5, block(*REQUEST) + filler))
    newest = block(*REQUEST) + indexed(FIRST_DYNAMIC) + indexed(FIRST_DYNAMIC + 39)
    heard = scene.receive(headers(7, newest))
    fields = (*REQUEST, ("x-39", "v" * 64), ("x-00", "v" * 64))
    assert heard.events == [HeadersReceived(7, fields, False)]
    # Neither the first entry's 58 octets nor 100 more fit beside 40 entries of 100.
    scene.receive(headers(9, block(*REQUEST) + inserted("x-40", "v" * 64)))
    heard = scene.receive(headers(11, block(*REQUEST) + indexed(FIRST_DYNAMIC + 39)))
    assert heard.events == [HeadersReceived(11, (*REQUEST, ("x-01", "v" * 64)), False)]
    failed = EndsConnection(ErrorCode.COMPRESSION_ERROR, last_stream=11)
    failed.check(scene, scene.receive(headers(13, block(*REQUEST) + indexed(FIRST_DYNAMIC + 40))))


def test_rfc7541_4_4_an_entry_takes_the_place_of_another() -> None:
    """In a full table, a new entry evicts an old one, and known blocks mean other fields."""
    scene = Scene(Role.SERVER, Subject.IDLE)
    newest = block(*REQUEST) + indexed(FIRST_DYNAMIC)
    for number in range(5, 205, 4):
        field = (f"x-{number:03}", "v" * 63)
        scene.receive(headers(number, block(*REQUEST) + inserted(*field)))
        heard = scene.receive(headers(number + 2, newest))
        assert heard.events == [HeadersReceived(number + 2, (*REQUEST, field), False)]
