"""Protobuf values are read as google reads them; everything else is a DecodeError."""

import itertools
import math

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.protobuf_codec import (
    CODECS,
    decode_get_kpi_response,
    decode_kpi,
    decode_list_kpis_response,
)
from mirastack_sdk._wire.codec import protobuf_reader
from mirastack_sdk._wire.codec.message_codec import MAX_FIELDS
from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk._wire.codec.protobuf_reader import Budget, Read, keep_bytes
from mirastack_sdk.errors import DecodeError
from tests.golden.google import CONTRACT, google_classes
from tests.wire.codec.counts import calls

ONES = b"\xff" * 9 + b"\x01"

VALUES: tuple[tuple[Read[object], bytes, object], ...] = (
    (protobuf_reader.read_varint, b"\x00", 0),
    (protobuf_reader.read_varint, b"\x96\x01", 150),
    (protobuf_reader.read_varint, b"\x80\x00", 0),
    (protobuf_reader.read_varint, b"\x80" * 9 + b"\x00", 0),
    (protobuf_reader.read_varint, ONES, 2**64 - 1),
    (protobuf_reader.read_varint, b"\xff" * 9 + b"\x7f", 2**64 - 1),
    (protobuf_reader.read_uint64, ONES, 2**64 - 1),
    (protobuf_reader.read_int64, ONES, -1),
    (protobuf_reader.read_int64, b"\x80" * 9 + b"\x01", -(2**63)),
    (protobuf_reader.read_int64, b"\xff" * 8 + b"\x7f", 2**63 - 1),
    (protobuf_reader.read_int32, ONES, -1),
    (protobuf_reader.read_int32, b"\xff\xff\xff\xff\x07", 2**31 - 1),
    (protobuf_reader.read_int32, b"\x80\x80\x80\x80\x08", -(2**31)),
    (protobuf_reader.read_int32, b"\x85\x80\x80\x80\x10", 5),
    (protobuf_reader.read_uint32, ONES, 2**32 - 1),
    (protobuf_reader.read_sint32, b"\x01", -1),
    (protobuf_reader.read_sint32, b"\xff\xff\xff\xff\x0f", -(2**31)),
    (protobuf_reader.read_sint32, b"\xfe\xff\xff\xff\x1f", 2**31 - 1),
    (protobuf_reader.read_sint64, ONES, -(2**63)),
    (protobuf_reader.read_bool, b"\x00", False),
    (protobuf_reader.read_bool, b"\x02", True),
    (protobuf_reader.read_bool, b"\x80" * 9 + b"\x01", True),
    (protobuf_reader.read_float, b"\x00\x00\x80\x7f", math.inf),
    (protobuf_reader.read_double, b"\x00\x00\x00\x00\x00\x00\xf0\xbf", -1.0),
    (protobuf_reader.read_fixed32, b"\xff" * 4, 2**32 - 1),
    (protobuf_reader.read_sfixed32, b"\xff" * 4, -1),
    (protobuf_reader.read_fixed64, b"\xff" * 8, 2**64 - 1),
    (protobuf_reader.read_sfixed64, b"\xff" * 8, -1),
    (protobuf_reader.read_bytes, b"\x00", b""),
    (protobuf_reader.read_bytes, b"\x02\xff\x00", b"\xff\x00"),
    (protobuf_reader.read_bytes, b"\x82\x00\xff\x00", b"\xff\x00"),
    (protobuf_reader.read_string, b"\x00", ""),
    (protobuf_reader.read_string, b"\x04\xf0\x9f\x98\x80", "😀"),
    (protobuf_reader.read_string, b"\x81\x80\x80\x80\x00a", "a"),
)


def _name(value: object) -> str | None:
    return value.hex() if isinstance(value, bytes) else getattr(value, "__name__", None)


@pytest.mark.parametrize(("read", "data", "value"), VALUES, ids=_name)
def test_a_value_is_read(read: Read[object], data: bytes, value: object) -> None:
    """A value and the position after it come back, wherever in the data it stands."""
    assert read(data, 0, len(data)) == (value, len(data))
    assert read(b"\xaa" + data + b"\xaa", 1, len(data) + 1) == (value, len(data) + 1)


@pytest.mark.parametrize(("read", "data", "_"), VALUES, ids=_name)
def test_a_value_ends_before_its_message_does(read: Read[object], data: bytes, _: object) -> None:
    """A truncated value never continues behind the end of its message."""
    for end in range(len(data)):
        with pytest.raises(DecodeError):
            read(data, 0, end)


REJECTED: tuple[tuple[Read[object], bytes, str], ...] = (
    (protobuf_reader.read_varint, b"\x80" * 10 + b"\x00", "a number of more than 10 bytes"),
    (protobuf_reader.read_tag, b"\xf8\xff\xff\xff\x1f", "a field number above 536870911"),
    (protobuf_reader.read_tag, b"\x88\x80\x80\x80\x80\x00", "a number of more than 5 bytes"),
    (protobuf_reader.read_string, b"\x80\x80\x80\x80\x80\x00", "a number of more than 5 bytes"),
    (protobuf_reader.read_string, b"\xff\xff\xff\xff\x07", "a field of 2147483647 bytes"),
    (
        protobuf_reader.read_string,
        b"\x01\xff",
        "the text at byte 1 is not UTF-8: invalid start byte",
    ),
    (protobuf_reader.read_string, b"\x03\xed\xa0\x80", "not UTF-8"),
    (protobuf_reader.read_string, b"\x02\xc0\x80", "not UTF-8"),
    (protobuf_reader.read_string, b"\x04\xf4\x90\x80\x80", "not UTF-8"),
)


@pytest.mark.parametrize(("read", "data", "sentence"), REJECTED, ids=_name)
def test_a_malformed_value_is_named(read: Read[object], data: bytes, sentence: str) -> None:
    """The error says what is wrong, and where."""
    with pytest.raises(DecodeError, match=sentence):
        read(data, 0, len(data))


UNKNOWN = (
    *(b"\xa0\x06\x01", b"\xa1\x06" + b"a" * 8, b"\xa2\x06\x01a", b"\xa5\x06" + b"a" * 4),
    *(b"\x9b\x06\x9c\x06", b"\x9b\x06\x0b\x0c\xa0\x06\x01\x9c\x06", b"\x0d" + b"a" * 4),
)


@pytest.mark.parametrize("field", UNKNOWN, ids=_name)
def test_an_unknown_field_is_passed_over(field: bytes) -> None:
    """An unknown field is skipped, whatever its wire type, including groups."""
    known = b"\x12\x01t"
    assert decode_kpi(field + known + field) == wire.KPI(tenant_id="t")


@pytest.mark.parametrize(
    "field",
    [
        *(b"\x00", b"\x00\x01", b"\x02\x00", b"\x06", b"\x07", b"\x0f", b"\x0c", b"\x0b"),
        *(b"\x0b\x14", b"\x0b\x0b\x0c", b"\x0b\x13\x0c\x14", b"\x9b\x06\x12\x05a\x9c\x06"),
    ],
    ids=_name,
)
def test_a_malformed_field_is_rejected(field: bytes) -> None:
    """Field number 0, unused wire types, and groups that do not end or were not opened."""
    with pytest.raises(DecodeError):
        decode_kpi(b"\x12\x01t" + field)


def test_a_group_is_not_applied_to_the_message() -> None:
    """Fields within an unknown group are the group's, not the message's."""
    assert decode_kpi(b"\x9b\x06\x12\x06hidden\x9c\x06") == wire.KPI()


def test_the_wrong_wire_type_leaves_a_field_alone() -> None:
    """A number where text is expected is an unknown field, not a number in a text field."""
    assert decode_kpi(b"\x10\x2a").tenant_id == ""


def test_the_last_of_a_single_field_counts() -> None:
    """The last of duplicate scalars counts."""
    assert decode_kpi(b"\x12\x01a\x12\x01b") == wire.KPI(tenant_id="b")


def test_a_message_that_stands_twice_is_merged() -> None:
    """Its fields are set one after the other, and its lists are joined."""
    first = bytes(wire.LicenseContext(active=True, quotas=wire.LicenseQuotas(max_tenants=1)))
    second = bytes(wire.LicenseContext(quotas=wire.LicenseQuotas(max_integration_types=2)))
    assert wire.LicenseContext.FromString(first + second) == wire.LicenseContext(
        active=True, quotas=wire.LicenseQuotas(max_tenants=1, max_integration_types=2)
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (b"\x0a\x01k\x12\x01v", {"k": "v"}),
        (b"\x12\x01v\x0a\x01k", {"k": "v"}),
        (b"\x0a\x01k", {"k": ""}),
        (b"\x12\x01v", {"": "v"}),
        (b"", {"": ""}),
        (b"\x0a\x01a\x0a\x01k\x12\x01v", {"k": "v"}),
        (b"\x0a\x01k\x12\x01v\x18\x01", {}),
    ],
    ids=_name,
)
def test_a_map_entry_is_read_as_google_reads_it(entry: bytes, expected: dict[str, str]) -> None:
    """A missing key or value is empty, the last counts, and an entry with more is unknown."""
    data = b"\x0a" + bytes((len(entry),)) + entry
    assert wire.GetConfigResponse.FromString(data).config == expected
    theirs = google_classes(*CONTRACT)["GetConfigResponse"].FromString(data)
    assert dict(getattr(theirs, "config")) == expected  # noqa: B009 - known at run time only


def test_a_list_of_numbers_may_be_packed_or_not() -> None:
    """Both forms are read, also mixed, and unknown enum numbers are kept."""
    data = b"\x22\x02\x01\x63" + b"\x20\x08" + b"\x22\x00"
    assert wire.ActionDef.FromString(data).stages == [1, 99, 8]


@pytest.mark.parametrize("levels", [99, 100, 101])
def test_groups_nest_as_deep_as_google_lets_them(levels: int) -> None:
    """A hundred levels are read, one more is not."""
    data = b"\x9b\x06" * levels + b"\x9c\x06" * levels
    if levels <= 100:
        assert decode_kpi(data) == wire.KPI()
    else:
        with pytest.raises(DecodeError, match="nested too deeply"):
            decode_kpi(data)


def test_six_bytes_do_not_become_gigabytes() -> None:
    """A length that the data does not hold allocates nothing."""
    with pytest.raises(DecodeError, match="a field of 2147483647 bytes"):
        wire.GetConfigResponse.FromString(b"\x0a\xff\xff\xff\xff\x07")


def test_a_message_of_a_million_elements_is_refused() -> None:
    """The limit on elements applies to all lists together."""
    with pytest.raises(DecodeError, match="more than 1000000 elements"):
        decode_list_kpis_response(b"\x0a\x00" * 250_001)
    keys = CODECS.for_type(wire.CacheGetBatchRequest)
    assert len(keys.decode(b"\x0a\x00" * 1_000_000).keys) == 1_000_000
    with pytest.raises(DecodeError, match="more than 1000000 elements"):
        keys.decode(b"\x0a\x00" * 1_000_001)


def test_packed_numbers_count_as_elements() -> None:
    """A packed list has the same limit as others."""
    numbers = b"\x01" * 1_000_001
    with pytest.raises(DecodeError, match="more than 1000000 elements"):
        wire.ActionDef.FromString(b"\x22\xc1\x84\x3d" + numbers)


@pytest.mark.pure_python("the calls of compiled functions are not counted")
@pytest.mark.parametrize(
    "field",
    [
        pytest.param(b"\xa0\x06\x01", id="numbers"),
        pytest.param(b"\xa2\x06\x80\x80\x01" + b"a" * 16384, id="long texts"),
        pytest.param(b"\xa2\x06\x01a", id="texts"),
        pytest.param(b"\x10\x01", id="the wrong wire type"),
        pytest.param(b"\x0b" * 100 + b"\x0c" * 100, id="deep groups"),
        pytest.param(b"\x0b" + b"\x10\x01" * 100 + b"\x0c", id="long groups"),
    ],
)
def test_unknown_fields_take_linear_work(field: bytes) -> None:
    """Eight times as many take at most eight times as many calls, and none copies the others."""
    once = calls(lambda: decode_kpi(field * 10))
    assert 10 < once < calls(lambda: decode_kpi(field * 80)) <= 8 * once


def test_kept_fields_grow_in_place() -> None:
    """Each field is added to the same bytearray, so that those before it are not copied."""
    kpi = decode_kpi(b"\xa0\x06\x01")
    kept = kpi.unknown_fields
    keep_bytes(kpi, 0xA2 | 6 << 7, b"a")
    assert protobuf_reader.keep_field(kpi, b"\x02", 0, 1, 100 << 3, 1, Budget()) == 1
    assert kpi.unknown_fields is kept


def test_a_message_of_a_million_unknown_fields_is_refused() -> None:
    """Skipped fields cost time, too, so they count as elements."""
    assert decode_kpi(b"\xa0\x06\x01" * 1_000_000) == wire.KPI()
    with pytest.raises(DecodeError, match="more than 1000000 elements"):
        decode_kpi(b"\xa0\x06\x01" * 1_000_001)


def test_a_field_that_is_repeated_in_vain_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last value of a field counts, so millions of others are refused before they cost."""
    monkeypatch.setattr(protobuf_reader, "MAX_FIELDS", 1000)
    repeated = b"\x58\x01"
    assert decode_kpi(repeated * 999) == wire.KPI(created_at=1)
    with pytest.raises(DecodeError, match="more than 1000 fields"):
        decode_kpi(repeated * 1000)
    # Messages that are repeated in vain, and the fields in them, count together.
    kpi = b"\x0a\x06" + repeated * 3
    assert decode_get_kpi_response(kpi * 199).kpi == wire.KPI(created_at=1)
    with pytest.raises(DecodeError, match="more than 1000 fields"):
        decode_get_kpi_response(kpi * 200)


def test_the_limit_of_fields_is_that_of_large_messages() -> None:
    """A message may have four times as many fields as elements, which costs about a second."""
    assert MAX_FIELDS == 4_000_000


def test_an_unknown_field_is_written_back() -> None:
    """Whatever its wire type, and however its tag was written, it passes through."""
    for unknown in (
        b"\xa0\x06\x01",
        b"\xa2\x06\x01a",
        b"\xa5\x06aaaa",
        b"\x9b\x06\x0b\x0c\x9c\x06",
    ):
        kpi = decode_kpi(unknown + b"\x12\x01t" + unknown)
        assert bytes(kpi.unknown_fields) == unknown * 2
        assert bytes(kpi) == b"\x12\x01t" + unknown * 2
    assert bytes(decode_kpi(b"\xa0\x86\x80\x00\x01")) == b"\xa0\x06\x01"


def test_every_message_ignores_what_it_does_not_know() -> None:
    """No message has a field that swallows another's."""
    unknown = b"\xa2\x06\x01a"
    for name, tail in itertools.product(google_classes(*CONTRACT), (b"", unknown)):
        message_type: type[ProtoMessage] = getattr(wire, name)
        assert message_type.FromString(unknown + tail) == message_type()
