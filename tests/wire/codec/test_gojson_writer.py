"""JSON is written as Go writes it."""

import json

import pytest

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS
from mirastack_sdk._wire.codec.gojson_writer import write_double, write_float, write_string


@pytest.mark.parametrize(
    "text", ["", "a", "é€😀", '"\\/', "\x00\x1f\x7f", "\b\f\n\r\t", "<&>\u2028"]
)
def test_text_is_json_text(text: str) -> None:
    """Any JSON reader reads the text that was written."""
    message = wire.CacheSetRequest(key=text)
    data = CODECS.for_type(wire.CacheSetRequest).encode(message)
    assert json.loads(data) == ({"key": text} if text else {})


def test_text_keeps_its_characters() -> None:
    """Only characters special in JSON or HTML are escaped; others stay, even outside ASCII."""
    data = CODECS.for_type(wire.CacheSetRequest).encode(wire.CacheSetRequest(key="é<\u2029"))
    assert data == '{"key":"é\\u003c\\u2029"}'.encode()


@pytest.mark.contract("Two encodings: zero values may be left out")
def test_zero_is_left_out() -> None:
    """A field at its zero value, -0.0 among them, is not written; a message that is set is."""
    assert CODECS.for_type(wire.KPI).encode(wire.KPI()) == b"{}"
    pattern = wire.IntentPattern(confidence=-0.0)
    assert CODECS.for_type(wire.IntentPattern).encode(pattern) == b"{}"
    request = wire.ExecuteRequest(time_range=wire.TimeRange())
    assert CODECS.for_type(wire.ExecuteRequest).encode(request) == b'{"time_range":{}}'


def test_elements_are_written_at_zero_too() -> None:
    """Lists and maps include zero values."""
    request = wire.CacheGetBatchRequest(keys=["", "a"])
    assert CODECS.for_type(wire.CacheGetBatchRequest).encode(request) == b'{"keys":["","a"]}'
    config = wire.GetConfigResponse(config={"": ""})
    assert CODECS.for_type(wire.GetConfigResponse).encode(config) == b'{"config":{"":""}}'


def test_keys_are_in_order() -> None:
    """A map is sorted by its keys' bytes, so that equal maps are equal bytes."""
    config = dict.fromkeys(("b", "a", "é", "😀", "\uffff", '"', "<"), "")
    data = CODECS.for_type(wire.GetConfigResponse).encode(wire.GetConfigResponse(config=config))
    assert list(json.loads(data)["config"]) == ['"', "<", "a", "b", "é", "\uffff", "😀"]


@pytest.mark.parametrize(
    ("number", "float32", "float64"),
    [
        (0.1, "0.1", "0.1"),
        (1 / 3, "0.33333334", "0.3333333333333333"),
        (100, "100", "100"),
        (-2.5, "-2.5", "-2.5"),
        (1e20, "100000000000000000000", "100000000000000000000"),
        (1e21, "1e+21", "1e+21"),
        (1e-6, "0.000001", "0.000001"),
        (1e-7, "1e-7", "1e-7"),
        (16777217, "16777216", "16777217"),
        (0, "0", "0"),
    ],
)
def test_a_float_has_the_fewest_digits(number: float, float32: str, float64: str) -> None:
    """A float is written with the digits that tell it from its neighbours of the same size."""
    assert (write_float(number, "it"), write_double(number, "it")) == (float32, float64)


def test_a_text_alone() -> None:
    """The writers return text, which the codec joins."""
    assert write_string('a"b', "it") == '"a\\"b"'
