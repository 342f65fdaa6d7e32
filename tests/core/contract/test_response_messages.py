"""What the engine reads of a response, and the language model of its result."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk import respond_error, respond_json, respond_map, respond_raw
from mirastack_sdk._core.contract.execute_messages import (
    InvalidResponseError,
    checked_response,
    failed_response,
    require_size,
    response_to_wire,
    result_json,
)
from mirastack_sdk._core.contract.parameters import parse_result
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS as GOJSON
from mirastack_sdk._gen.protobuf_codec import CODECS as PROTOBUF
from mirastack_sdk._wire.codec.message_codec import CodecTable
from mirastack_sdk.plugin import ExecuteResponse

LIMIT = 10_000
ENCODE = GOJSON.for_type(wire.ExecuteResponse).encode


def written(output: dict[str, str], logs: list[str] | None = None) -> bytes:
    """The result of a response with this output."""
    return result_json(ExecuteResponse(output, logs or []), str)


def sent(response: object) -> wire.ExecuteResponse:
    """Return the message that the engine receives for `response`."""
    return response_to_wire(
        checked_response(response, LIMIT), 12, hide_in_json=str, max_bytes=LIMIT, encode=ENCODE
    )


@pytest.mark.contract(
    "What reaches the language model: logs are sent beside result_json all the same"
)
def test_a_response_is_sent_whole() -> None:
    """Output as a JSON object, logs in order, and the duration."""
    message = sent(ExecuteResponse(output={"result": "[]"}, logs=["a", "b"]))
    assert message == wire.ExecuteResponse(
        success=True,
        result_json=b'{"result":"[]","logs":["a","b"]}',
        duration_ms=12,
        logs=["a", "b"],
    )


@pytest.mark.contract(
    "What reaches the language model: logs stand in result_json, unless the output has that key"
)
@pytest.mark.parametrize(
    ("response", "result"),
    [
        (ExecuteResponse({"result": "1"}), b'{"result":"1"}'),
        (
            ExecuteResponse({"result": "1"}, ["a", "\u00fc"]),
            '{"result":"1","logs":["a","ü"]}'.encode(),
        ),
        (ExecuteResponse({"logs": "own"}, ["a"]), b'{"logs":"own"}'),
        (respond_map({"a": 1}, logs=["b"]), b'{"a": 1,"logs":["b"]}'),
        (respond_map({"logs": 1}, logs=["b"]), b'{"logs": 1}'),
        (respond_map({}, logs=["b"]), b'{"logs":["b"]}'),
        (respond_raw(b' {"a" : 1.10 }\n', logs=["b"]), b'{"a" : 1.10,"logs":["b"]}'),
        (respond_json([1], logs=["b"]), b'{"result":[1],"logs":["b"]}'),
        (respond_error("no", logs=["b"]), b'{"error": "no","logs":["b"]}'),
    ],
)
def test_logs_are_part_of_the_result(response: ExecuteResponse, result: bytes) -> None:
    """Engines drop `logs`; the author's own members stay as they are written."""
    message = sent(response)
    assert message.result_json == result
    assert message.logs == response.logs


@pytest.mark.contract(
    "What reaches the language model: an answer that is no result has an error beside its logs"
)
@pytest.mark.parametrize(
    ("logs", "error"),
    [
        (["unknown action: x"], "unknown action: x"),
        (["not run:", "a is required"], "not run:\na is required"),
        ([" "], "the action returned neither a result nor a reason"),
    ],
)
def test_logs_alone_are_an_error(logs: list[str], error: str) -> None:
    """The execution succeeds, and the model reads one text."""
    message = sent(ExecuteResponse(logs=logs))
    assert (message.success, message.error, message.logs) == (True, "", logs)
    assert json.loads(message.result_json) == {"error": error, "logs": logs}


@pytest.mark.contract("What reaches the language model: the platform's response helpers")
@pytest.mark.parametrize(
    ("response", "result"),
    [
        (
            respond_map({"a": 1, "b": ["x", True, None], "c": "ü"}),
            rb'{"a": 1, "b": ["x", true, null], "c": "\u00fc"}',
        ),
        (respond_map({}), b"{}"),
        (respond_json([1, 2.5, "x"]), b'[1, 2.5, "x"]'),
        (respond_json(None), b"null"),
        (respond_error("no \u2013 set it"), rb'{"error": "no \u2013 set it"}'),
        (respond_raw(b'{"a":1}'), b'{"a":1}'),
        (respond_raw(b""), b"{}"),
    ],
)
def test_response_helpers_make_the_published_bytes(
    response: ExecuteResponse, result: bytes
) -> None:
    """What agents written for the platform's other SDK send."""
    assert sent(response).result_json == result


def test_raw_json_is_sent_as_it_is() -> None:
    """The same object: a large result of a backend is not copied."""
    data = b'{"a":1}'
    assert sent(respond_raw(data)).result_json is data


def test_logs_can_be_set_afterwards() -> None:
    """Published agents assign them to the finished response."""
    response = respond_error("no")
    response.logs = ["ERROR: no"]
    assert sent(response).logs == ["ERROR: no"]


@pytest.mark.parametrize("data", [b"{", b"NaN", b"[1,]", b"\xff", b"[" * 100_000])
def test_raw_json_must_be_json(data: bytes) -> None:
    """Engines could not read anything else; the sentence says where it goes wrong."""
    checked = checked_response(respond_raw(data), 10**6)
    with pytest.raises(InvalidResponseError, match=r"^result_json must be JSON in UTF-8: \S"):
        result_json(checked, str)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"])
def test_a_value_that_json_does_not_know_is_refused(value: object) -> None:
    """At once, where the author builds the response."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        respond_json(value)
    with pytest.raises(ValueError, match="not JSON compliant"):
        respond_json(float("nan"))


def test_a_response_has_one_result() -> None:
    """Nothing that an author sets is dropped silently."""
    with pytest.raises(InvalidResponseError, match="either output or result_json, not both"):
        sent(ExecuteResponse({"a": "b"}, result_json=b"{}"))
    response = ExecuteResponse()
    setattr(response, "result_json", "{}")  # noqa: B010 - a plain assignment does not type-check
    with pytest.raises(InvalidResponseError, match=r"^result_json must be bytes, got str$"):
        sent(response)


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (None, "execute must return an ExecuteResponse, got NoneType"),
        ({"result": "x"}, "execute must return an ExecuteResponse, got dict"),
        (ExecuteResponse, "execute must return an ExecuteResponse, got type"),
    ],
)
def test_anything_but_a_response_is_refused(response: object, sentence: str) -> None:
    """The most common mistake, a missing return, has a sentence of its own."""
    with pytest.raises(InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("output", {"result": 3}, 'output["result"] must be a string, got int: use json.dumps'),
        ("output", None, "output must be a dict of strings, got NoneType"),
        ("logs", ["a", b"b"], "logs[1] must be a string, got bytes"),
        ("logs", "text", "logs must be a list of strings, got str"),
        ("logs", None, "logs must be a list of strings, got NoneType"),
    ],
)
def test_a_response_with_wrong_types_is_refused(field: str, value: object, sentence: str) -> None:
    """The sentence tells authors without a type checker what to change."""
    response = ExecuteResponse()
    setattr(response, field, value)
    with pytest.raises(InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == sentence


def test_all_errors_of_a_response_are_reported_at_once() -> None:
    """Errors in output and logs are in one sentence."""
    response = ExecuteResponse()
    setattr(response, "output", {"a": 1})  # noqa: B010 - a plain assignment does not type-check
    setattr(response, "logs", [2])  # noqa: B010 - a plain assignment does not type-check
    with pytest.raises(InvalidResponseError, match=r"output\[.*; logs\["):
        sent(response)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
def test_undecodable_text_in_a_response_can_be_sent(codecs: CodecTable) -> None:
    """Surrogates from a file name do not fail the response, in either encoding."""
    codec = codecs.for_type(wire.ExecuteResponse)
    message = sent(ExecuteResponse({"result": "\udc80"}, ["\udc80"]))
    assert codec.decode(codec.encode(message)).logs == ["\ufffd"]
    failed = failed_response("no file \udc80", 0)
    assert codec.decode(codec.encode(failed)).error == "no file \ufffd"


@pytest.mark.contract("What reaches the language model: result_json alone")
def test_a_failure_has_its_error_as_the_result() -> None:
    """Whoever reads only the result reads the error."""
    assert failed_response("backend returned HTTP 503", 7) == wire.ExecuteResponse(
        success=False,
        result_json=b'{"error":"backend returned HTTP 503"}',
        error="backend returned HTTP 503",
        duration_ms=7,
    )


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(ExecuteResponse({"result": "x" * (LIMIT - 5)}), id="value"),
        pytest.param(ExecuteResponse({"x" * (LIMIT + 1): ""}), id="key"),
        pytest.param(ExecuteResponse(logs=["x" * LIMIT, "y"]), id="logs"),
    ],
)
def test_a_response_that_cannot_fit_is_not_encoded(response: ExecuteResponse) -> None:
    """The error states the size and the limit, and what to do."""
    with pytest.raises(
        InvalidResponseError,
        match=rf"at least {LIMIT + 1} bytes, and at most {LIMIT} ",
    ) as refusal:
        sent(response)
    assert "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES" in str(refusal.value)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(wire.ExecuteResponse(result_json=b"x" * 7_500), id="result"),
        pytest.param(wire.ExecuteResponse(logs=["\x01" * 1_600]), id="escapes"),
        pytest.param(wire.ExecuteResponse(logs=[""] * 3_300), id="lines"),
    ],
)
def test_the_size_of_a_doubtful_response_is_that_of_its_encoding(
    message: wire.ExecuteResponse, codecs: CodecTable
) -> None:
    """Near the limit, the size in the response's own encoding decides."""
    encode = codecs.for_type(wire.ExecuteResponse).encode
    size = len(encode(message))
    require_size(message, encode, size)
    with pytest.raises(InvalidResponseError, match=f"at least {size} bytes"):
        require_size(message, encode, size - 1)


def test_a_small_response_is_not_written_twice() -> None:
    """A response is encoded to measure it only if its size is near the limit."""

    def encode(message: wire.ExecuteResponse) -> bytes:
        raise AssertionError("its size is not in doubt")

    response = ExecuteResponse({"a": "b"}, ["c"])
    response_to_wire(response, 0, hide_in_json=str, max_bytes=LIMIT, encode=encode)


def test_a_result_is_a_compact_json_object() -> None:
    """It is UTF-8, in the author's order."""
    assert written({"result": '{"a":1}', "b": "é"}) == '{"result":"{\\"a\\":1}","b":"é"}'.encode()


def test_an_empty_result_is_an_empty_object() -> None:
    """A response may be empty."""
    assert written({}) == b"{}"


def test_undecodable_text_does_not_lose_the_result() -> None:
    """Surrogates from file names or processes become replacement characters."""
    assert written({"result": "a\udc80"}) == '{"result":"a\ufffd"}'.encode()


@pytest.mark.parametrize(
    ("output", "sentences"),
    [
        ({"result": "ok"}, []),
        ({"result": {"a": 1}}, ['output["result"] must be a string, got dict: use json.dumps']),
        ({"result": None}, ['output["result"] must be a string, got NoneType: use json.dumps']),
        ({"rows": b"3"}, ['output["rows"] must be a string, got bytes: use json.dumps']),
        ({3: "x"}, ["output's keys must be strings, got int"]),
        (None, ["output must be a dict of strings, got NoneType"]),
        ("result", ["output must be a dict of strings, got str"]),
        (
            {"a": 1, "b": [2]},
            [
                'output["a"] must be a string, got int: use json.dumps',
                'output["b"] must be a string, got list: use json.dumps',
            ],
        ),
    ],
)
def test_an_output_that_cannot_be_sent_is_reported(output: object, sentences: list[str]) -> None:
    """The sentences name the key, and what to change."""
    response = ExecuteResponse()
    setattr(response, "output", output)  # noqa: B010 - a plain assignment does not type-check
    if not sentences:
        assert sent(response).success
        return
    with pytest.raises(InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == "; ".join(sentences)


@given(st.dictionaries(st.text(), st.text()))
def test_a_result_reads_back_as_the_output(output: dict[str, str]) -> None:
    """The result of one agent can be read by another."""
    assert parse_result(written(output)).output == output
