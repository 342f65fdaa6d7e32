"""Parameters and results keep their exact text on the way through JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.contract.parameters import (
    ParamsError,
    json_bytes,
    parameters_json,
    parse_params,
    parse_result,
)
from mirastack_sdk.plugin import ParamSchema

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def refuse(constant: str) -> None:
    raise ValueError(constant)


@pytest.mark.contract(
    "From the documented API to the wire: a value that is not a string is its JSON text"
)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"checkout"', "checkout"),
        ('""', ""),
        ('"a\\n\\u00e9\\ud83d\\ude00"', "a\né😀"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ("3", "3"),
        ("-0", "-0"),
        ("1.0", "1.0"),
        ("1E+2", "1E+2"),
        ("1e400", "1e400"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("12345678901234567890", "12345678901234567890"),
        ('{ "a" : 1 }', '{"a":1}'),
        ("[ 1 ,\n\t2 ]", "[1,2]"),
        ("{}", "{}"),
        ("[]", "[]"),
        ('{"a b": "c  d", "e": "\\" \\\\"}', '{"a b":"c  d","e":"\\" \\\\"}'),
        ('[1.0, 1e400, "\\u00e9"]', '[1.0,1e400,"\\u00e9"]'),
    ],
)
def test_a_value_reaches_the_author_as_text(written: str, read: str) -> None:
    """A string is unchanged, null is empty, any other value is its exact JSON text."""
    data = f'{{"value": {written}}}'.encode()
    assert parse_params(data, "")["value"] == read


def test_every_value_is_plain_text() -> None:
    """The values are `str`, not a subclass, so they compare and pickle as usual."""
    values = parse_params(b'{"n":3,"s":"x","l":[1],"z":null,"t":true}', "a").values()
    assert {type(value) for value in values} == {str}


@pytest.mark.parametrize("digits", [4_301, 100_000])
def test_a_number_of_any_length_survives(digits: int) -> None:
    """Numbers are not converted, so Python's limit on digits does not apply."""
    number = "9" * digits
    assert parse_params(f'{{"n":{number}}}'.encode(), "")["n"] == number


def test_a_value_nested_hundreds_deep_survives() -> None:
    """Deep nesting is passed on as it was written."""
    nested = "[" * 500 + "]" * 500
    assert parse_params(f'{{"n":{nested}}}'.encode(), "")["n"] == nested


def test_the_order_of_the_parameters_is_kept() -> None:
    """Parameters keep the order of the request."""
    assert list(parse_params(b'{"z":"1","a":"2","m":"3"}', "")) == ["z", "a", "m"]


def test_the_last_of_two_equal_names_wins() -> None:
    """As in Go's decoder."""
    assert parse_params(b'{"a":"1","a":"2"}', "") == {"a": "2"}


@pytest.mark.contract("From the documented API to the wire: an action_id wins over the params")
@pytest.mark.parametrize("data", [b"{}", b" {\n} ", b'{"action":""}', b'{"action":null}', b""])
def test_the_action_is_added_to_the_parameters(data: bytes) -> None:
    """Documented agents read `req.params["action"]`."""
    assert parse_params(data, "get_status") == {"action": "get_status"}


@pytest.mark.contract("From the documented API to the wire: an action_id wins over the params")
@pytest.mark.parametrize("value", ['"restart"', '"manage"', '""', "null", "3", '{"a":1}'])
def test_the_engines_action_wins_over_the_parameters(value: str) -> None:
    """A model that writes another action into the parameters does not choose it."""
    params = parse_params(f'{{"action":{value},"host":"a"}}'.encode(), "manage")
    assert params == {"action": "manage", "host": "a"}


@pytest.mark.contract("From the documented API to the wire: a difference from action_id is logged")
@pytest.mark.parametrize(
    ("data", "reported"),
    [
        (b'{"action":"restart"}', ["restart"]),
        (b'{"action":{"a":1}}', ['{"a":1}']),
        (b'{"action":"manage"}', []),
        (b'{"action":""}', []),
        (b'{"action":null}', []),
        (b"{}", []),
    ],
)
def test_another_action_in_the_parameters_is_reported(data: bytes, reported: list[str]) -> None:
    """Only one that differs."""
    others: list[str] = []
    parse_params(data, "manage", others.append)
    assert others == reported


@pytest.mark.contract(
    "From the documented API to the wire: only an empty action_id leaves the params' action"
)
def test_without_an_action_id_the_parameters_name_the_action() -> None:
    """A direct call may leave the id out."""
    others: list[str] = []
    assert parse_params(b'{"action":"restart"}', "", others.append) == {"action": "restart"}
    assert others == []


@pytest.mark.contract("Two encodings: empty params_json means {}")
def test_nothing_means_no_parameters() -> None:
    """Empty bytes are an empty object."""
    assert parse_params(b"", "") == {}


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    """Authors only get text that can be encoded, as with Go's decoder."""
    assert parse_params(b'{"a\\ud800":"b\\udfff"}', "") == {"a\ufffd": "b\ufffd"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[1]", "params_json must be a JSON object, got an array"),
        (b'"text"', "params_json must be a JSON object, got a string"),
        (b"3", "params_json must be a JSON object, got a number"),
        (b"-3.5", "params_json must be a JSON object, got a number"),
        (b"true", "params_json must be a JSON object, got a boolean"),
        (b"null", "params_json must be a JSON object, got null"),
        (b"nul", "params_json is not JSON: Expecting value at character 0"),
        (b"{} {}", "params_json is not JSON: Extra data at character 3"),
        (b'{"a":"\n"}', "params_json is not JSON: Invalid control character at character 6"),
        (b'{"a":NaN}', "params_json is not JSON: NaN is not a JSON value"),
        (b'{"a":[-Infinity]}', "params_json is not JSON: -Infinity is not a JSON value"),
        (b'{"a":"\xff"}', "params_json is not UTF-8 text: invalid start byte"),
        (b'{"a":"\xed\xa0\x80"}', "params_json is not UTF-8 text: invalid continuation byte"),
        (b'{"a":' + b"[" * 100_000, "params_json is nested too deeply"),
        (b"[" * 100_000, "params_json is nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    """The engine receives the sentence unchanged."""
    with pytest.raises(ParamsError) as refusal:
        parse_params(data, "get_status")
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "data",
    [
        b"   ",
        b"{",
        b"{a:1}",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1 "b":2}',
        b'{"a":1,}',
        b'{"a":01}',
        b"[1] 2",
    ],
)
def test_what_is_no_json_is_refused_with_its_place(data: bytes) -> None:
    """The error has the position, in the words of Python's parser."""
    with pytest.raises(ParamsError, match=r"^params_json is not JSON: .+ at character \d+$"):
        parse_params(data, "")


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4), st.none() | st.integers(0, 2))
def test_every_json_object_is_read_without_loss(
    params: dict[str, object], indent: int | None
) -> None:
    """The text of each value reads back as the value."""
    data = json.dumps(params, indent=indent).encode()
    for name, text in parse_params(data, "").items():
        value = params[name]
        if isinstance(value, str):
            assert text == value
        elif value is None:
            assert text == ""
        else:
            assert json.loads(text) == value


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ 01eE+-.ntrufalse\u00e9').map(str.encode)
)
def test_exactly_the_json_objects_are_accepted(data: bytes) -> None:
    """Any bytes are accepted or refused by the rules of the json module."""
    try:
        expected = json.loads(data.decode(), parse_constant=refuse)
    except ValueError:
        expected = None
    if not data or isinstance(expected, dict):
        parse_params(data, "")
    else:
        with pytest.raises(ParamsError):
            parse_params(data, "")


@pytest.mark.contract(
    "What reaches the language model: the result of another agent is read as a JSON object"
)
@pytest.mark.parametrize(
    ("data", "output", "logs", "value"),
    [
        (b"", {}, [], None),
        (b" null ", {}, [], None),
        (b"{}", {}, [], {}),
        (b'{"a":"b"}', {"a": "b"}, [], {"a": "b"}),
        (
            b'{"a": [1, 2.50], "b": true}',
            {"a": "[1,2.50]", "b": "true"},
            [],
            {"a": [1, 2.5], "b": True},
        ),
        (b'{"a":"b","logs":["c"]}', {"a": "b"}, ["c"], {"a": "b", "logs": ["c"]}),
        (b'{"logs":"c"}', {"logs": "c"}, [], {"logs": "c"}),
        (b'{"logs":[1]}', {"logs": "[1]"}, [], {"logs": [1]}),
        (b" [1, 2] ", {"result": "[1, 2]"}, [], [1, 2]),
        (b'"x"', {"result": '"x"'}, [], "x"),
        (b'{"n":' + b"9" * 5_000 + b"}", {"n": "9" * 5_000}, [], {"n": "9" * 5_000}),
    ],
)
def test_the_result_of_another_agent_is_read_whole(
    data: bytes, output: dict[str, str], logs: list[str], value: object
) -> None:
    """As texts, as log lines and as a JSON value; agents in other languages send any JSON."""
    result = parse_result(data)
    assert (result.output, result.logs, result.value) == (output, logs, value)


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[NaN]", b"[" * 100_000])
def test_a_result_that_is_not_json_is_refused(data: bytes) -> None:
    """The sentence names the result, not the parameters."""
    with pytest.raises(ParamsError, match=r"^result_json is not JSON: "):
        parse_result(data)


@pytest.mark.contract("The messages: input_params and output_params are JSON arrays")
def test_parameters_are_described_in_their_order() -> None:
    """`default` and `enum` are present if declared, the rest always."""
    described = parameters_json(
        {
            "window": ParamSchema(type="string", description="Wie weit zurück"),
            "level": ParamSchema("string", required=False, default="info", enum=["info", "warn"]),
        }
    )
    assert (
        described
        == (
            '[{"name":"window","type":"string","required":true,"description":"Wie weit zurück"},'
            '{"name":"level","type":"string","required":false,"description":"",'
            '"default":"info","enum":["info","warn"]}]'
        ).encode()
    )


def test_no_parameters_are_an_empty_array() -> None:
    """Engines expect an array, not null."""
    assert parameters_json({}) == b"[]"


@pytest.mark.parametrize("value", [float("nan"), [float("inf")]])
def test_json_has_no_nan(value: object) -> None:
    """Go's decoder would refuse the whole message."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(value)
