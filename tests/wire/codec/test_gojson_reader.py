"""JSON is read as Go reads it; everything else is a DecodeError that says why."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS, decode_cache_set_request
from mirastack_sdk._wire.codec import gojson_reader
from mirastack_sdk.errors import DecodeError

REFUSED = (
    (b"", "the message is not JSON: Expecting value at character 0"),
    (b"{", "the message is not JSON"),
    (b"{} {}", "the message is not JSON: Extra data at character 3"),
    (b"\xef\xbb\xbf{}", "the message is not JSON"),
    (b'{"key":"\xff"}', "the message is not UTF-8 at byte 8"),
    (b"\xff\xfe{\x00}\x00", "the message is not UTF-8 at byte 0"),
    (b'{"key":NaN}', "NaN is not a JSON value"),
    (b'{"other":-Infinity}', "-Infinity is not a JSON value"),
    (b"[]", "the message: expected an object, got an array"),
    (b'"text"', "the message: expected an object, got a string"),
    (b"1", "the message: expected an object, got a number"),
    (b"true", "the message: expected an object, got a bool"),
    (b'{"key":1}', "CacheSetRequest.key: expected a string, got a number"),
    (b'{"key":{}}', "CacheSetRequest.key: expected a string, got an object"),
    (b'{"value":1}', "CacheSetRequest.value: expected a base64 string, got a number"),
    (b'{"value":"QQ"}', "CacheSetRequest.value: expected padded base64 in the standard alphabet"),
    (
        b'{"ttl_seconds":"1"}',
        "CacheSetRequest.ttl_seconds: expected an integer from -9223372036854",
    ),
    (b'{"ttl_seconds":"1"}', "775807, got a string"),
    (b'{"ttl_seconds":1.0}', "got another number"),
    (b'{"ttl_seconds":9223372036854775808}', "got another number"),
)


@pytest.mark.contract("Two encodings: bytes are padded base64, and anything else is an error")
@pytest.mark.parametrize(("data", "sentence"), REFUSED)
def test_what_is_no_message_is_refused(data: bytes, sentence: str) -> None:
    """The error names the field, what was expected and what it got."""
    with pytest.raises(DecodeError) as error:
        decode_cache_set_request(data)
    assert sentence in str(error.value)


@pytest.mark.contract("Two encodings: zero values may be left out")
@pytest.mark.contract("Two encodings: unknown keys are ignored")
@pytest.mark.parametrize("data", [b"null", b"{}", b'{"unknown":[{"a":null}]}', b'{"key":null}'])
def test_nothing_is_the_empty_message(data: bytes) -> None:
    """Null, missing and unknown fields leave the defaults."""
    assert decode_cache_set_request(data) == wire.CacheSetRequest()


def test_an_element_that_is_null_is_zero() -> None:
    """As in Go's slices, null is the element's zero value."""
    decode = CODECS.for_type(wire.CacheGetBatchResponse).decode
    assert decode(b'{"entries":[null,{"key":"a"}]}').entries == [
        wire.CacheGetBatchEntry(),
        wire.CacheGetBatchEntry(key="a"),
    ]
    assert CODECS.for_type(wire.CacheGetBatchRequest).decode(b'{"keys":[null]}').keys == [""]


def test_half_a_surrogate_pair_is_replaced() -> None:
    """Text that was read can be written again: it has no lone surrogates."""
    data = rb'{"key":"\ud83d\ude00 \ud83d \ude00","value":""}'
    assert decode_cache_set_request(data).key == "😀 \ufffd \ufffd"
    decode = CODECS.for_type(wire.GetConfigResponse).decode
    assert decode(rb'{"config":{"\ud800":"\udfff"}}').config == {"\ufffd": "\ufffd"}


@pytest.mark.parametrize("number", [b"1" * 51, b"-" + b"9" * 5000, b"1" * 1_000_000])
def test_a_number_of_many_digits_is_no_trouble(number: bytes) -> None:
    """A huge number is out of range in a field, ignored elsewhere, and cheap in both."""
    with pytest.raises(DecodeError, match="got another number"):
        decode_cache_set_request(b'{"ttl_seconds":%b}' % number)
    assert decode_cache_set_request(b'{"other":%b}' % number) == wire.CacheSetRequest()
    with pytest.raises(DecodeError, match=r"expected a float of .* bits, got a larger number"):
        CODECS.for_type(wire.IntentPattern).decode(b'{"confidence":%b}' % number)


def test_the_limit_of_digits_does_not_matter() -> None:
    """Long numbers are not made into ints, which takes quadratic time without Python's limit."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        for digits in (21, 300, 2_000_000):
            (value,) = gojson_reader.read_message(b'{"other":%b}' % (b"7" * digits)).values()
            assert type(value) is float
    finally:
        sys.set_int_max_str_digits(before)


DEEPEST = 201


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_has_a_bound(opening: bytes, closing: bytes) -> None:
    """Messages are read up to the maximum depth, however deep the stack is."""
    inner = DEEPEST - 1
    fits = b'{"a":' + opening * inner + b"1" + closing * inner + b"}"
    assert decode_cache_set_request(fits) == wire.CacheSetRequest()
    for levels in (DEEPEST, 10_000, 200_000):
        deep = b'{"a":' + opening * levels + b"1" + closing * levels + b"}"
        with pytest.raises(DecodeError, match="nested deeper than 201 levels"):
            decode_cache_set_request(deep)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"[{" * 1000 + b"]" * 1000])
def test_what_is_not_closed_is_refused(data: bytes) -> None:
    """Unbalanced brackets do not exhaust the stack."""
    with pytest.raises(DecodeError):
        decode_cache_set_request(data)


def test_brackets_in_text_are_text() -> None:
    """Brackets inside strings do not count as nesting, even after escaped quotes."""
    text = '[{"' * 1000 + "\\" * 3
    data = CODECS.for_type(wire.CacheSetRequest).encode(wire.CacheSetRequest(key=text))
    assert decode_cache_set_request(data).key == text


@pytest.mark.parametrize(
    "data",
    [
        b'{"keys":[' + b'"",' * 1_000_000 + b'""]}',
        b'{"other":[' + b"{}," * 250_000 + b"{}]}",
        b'{"other":{' + b'"":0,' * 1_000_000 + b'"":0}}',
    ],
    ids=["texts", "objects", "keys"],
)
def test_a_message_of_a_million_elements_is_refused(data: bytes) -> None:
    """Too many elements are refused before they become objects."""
    with pytest.raises(DecodeError, match="more than 1000000 elements"):
        CODECS.for_type(wire.CacheGetBatchRequest).decode(data)


def test_commas_in_text_are_no_elements() -> None:
    """A long text is one element, whatever it contains."""
    message = wire.CacheSetRequest(key='a,"b",[{' * 500_000)
    codec = CODECS.for_type(wire.CacheSetRequest)
    assert codec.decode(codec.encode(message)) == message


@pytest.mark.pure_python("the calls of compiled functions are not counted")
def test_the_bounds_are_checked_in_linear_work() -> None:
    """Texts are scanned once, closed or not, and nesting takes a pass for each allowed level."""
    hostile = (
        b'"' + b"\\" * 40_001 + b"[" * 300,
        b'"' * 40_001 + b"[" * 300,
        b'"' + b'\\"' * 20_000 + b"[" * 300,
        (b'"\\"' * 13_000) + b"[" * 300,
        b"[]" * 4_000 + b"[" * 250 + b"]" * 250,
    )
    for data in hostile:
        with pytest.raises(DecodeError):
            gojson_reader.read_message(data)
        # From a quote that matches nothing, the rest would be scanned in vain.
        bare = gojson_reader._STRING.sub(b"", data)  # noqa: SLF001 - its result is not public
        assert b'"' not in bare
    assert _replacements(lambda: gojson_reader.read_message(hostile[-1])) == DEEPEST


def _replacements(work: Callable[[], object]) -> int:
    passes = 0

    def count(_frame: FrameType, event: str, function: object) -> None:
        nonlocal passes
        passes += event == "c_call" and getattr(function, "__name__", "") == "replace"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with pytest.raises(DecodeError):
            work()
    finally:
        sys.setprofile(before)
    return passes
