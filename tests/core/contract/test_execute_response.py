"""What the engine hears of an author's answer."""

import pytest

from mirastack_sdk._core.contract import execute_response
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.gojson_codec import CODECS as GOJSON
from mirastack_sdk._gen.protobuf_codec import CODECS as PROTOBUF
from mirastack_sdk._wire.codec.message_codec import CodecTable
from mirastack_sdk.plugin import ExecuteResponse

LIMIT = 10_000


def sent(response: object) -> wire.ExecuteResponse:
    """What the engine hears of `response`."""
    return execute_response.execute_reply(response, 12, max_bytes=LIMIT)


def test_an_answer_is_sent_whole() -> None:
    """Output as a JSON object, logs in order, the time it took."""
    reply = sent(ExecuteResponse(output={"result": "[]"}, logs=["a", "b"]))
    assert reply == wire.ExecuteResponse(
        success=True, result_json=b'{"result":"[]"}', duration_ms=12, logs=["a", "b"]
    )


def test_logs_alone_are_a_success() -> None:
    """Errors that are not fatal belong there."""
    reply = sent(ExecuteResponse(logs=["unknown action: x"]))
    assert (reply.success, reply.result_json, reply.error) == (True, b"{}", "")


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (None, "execute must return an ExecuteResponse, got NoneType"),
        ({"result": "x"}, "execute must return an ExecuteResponse, got dict"),
        (ExecuteResponse, "execute must return an ExecuteResponse, got type"),
    ],
)
def test_anything_but_a_response_is_refused(response: object, sentence: str) -> None:
    """The most frequent mistake, a forgotten return, has its sentence."""
    with pytest.raises(execute_response.InvalidResponseError) as refusal:
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
    """Authors without a type checker learn what to change."""
    response = ExecuteResponse()
    setattr(response, field, value)
    with pytest.raises(execute_response.InvalidResponseError) as refusal:
        sent(response)
    assert str(refusal.value) == sentence


def test_all_that_is_wrong_with_a_response_is_told_at_once() -> None:
    """Output and logs in one sentence."""
    response = ExecuteResponse()
    setattr(response, "output", {"a": 1})  # noqa: B010 - a plain assignment does not type-check
    setattr(response, "logs", [2])  # noqa: B010 - a plain assignment does not type-check
    with pytest.raises(execute_response.InvalidResponseError, match=r"output\[.*; logs\["):
        sent(response)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
def test_undecodable_text_in_an_answer_can_be_sent(codecs: CodecTable) -> None:
    """Bytes smuggled in by a file name do not cost the whole answer, in either encoding."""
    codec = codecs.for_type(wire.ExecuteResponse)
    reply = sent(ExecuteResponse({"result": "\udc80"}, ["\udc80"]))
    assert codec.decode(codec.encode(reply)).logs == ["\ufffd"]
    failed = execute_response.failed_reply("no file \udc80", 0)
    assert codec.decode(codec.encode(failed)).error == "no file \ufffd"


def test_a_failure_has_an_error_and_no_result() -> None:
    """The engine shows the error."""
    assert execute_response.failed_reply("backend returned HTTP 503", 7) == wire.ExecuteResponse(
        success=False, error="backend returned HTTP 503", duration_ms=7
    )


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(ExecuteResponse({"result": "x" * (LIMIT - 5)}), id="value"),
        pytest.param(ExecuteResponse({"x" * (LIMIT + 1): ""}), id="key"),
        pytest.param(ExecuteResponse(logs=["x" * LIMIT, "y"]), id="logs"),
    ],
)
def test_an_answer_that_cannot_fit_is_not_even_written(response: ExecuteResponse) -> None:
    """The sentence says how large it is, how large it may be and what to do."""
    with pytest.raises(
        execute_response.InvalidResponseError,
        match=rf"at least {LIMIT + 1} bytes, and at most {LIMIT} ",
    ) as refusal:
        sent(response)
    assert "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES" in str(refusal.value)


@pytest.mark.parametrize("codecs", [PROTOBUF, GOJSON], ids=["protobuf", "json"])
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(wire.ExecuteResponse(result_json=b"x" * 7_500), id="result"),
        pytest.param(wire.ExecuteResponse(logs=["\x01" * 1_600]), id="escapes"),
        pytest.param(wire.ExecuteResponse(logs=[""] * 3_300), id="lines"),
    ],
)
def test_the_size_of_a_doubtful_answer_is_that_of_its_encoding(
    reply: wire.ExecuteResponse, codecs: CodecTable
) -> None:
    """An answer is refused exactly where its own encoding needs more than is allowed."""
    encode = codecs.for_type(wire.ExecuteResponse).encode
    size = len(encode(reply))
    execute_response.require_size(reply, encode, size)
    with pytest.raises(execute_response.InvalidResponseError, match=f"at least {size} bytes"):
        execute_response.require_size(reply, encode, size - 1)


def test_a_small_answer_is_not_written_twice() -> None:
    """Its size is not in doubt."""

    def encode(reply: wire.ExecuteResponse) -> bytes:
        raise AssertionError("nobody asked for it")

    execute_response.require_size(sent(ExecuteResponse({"a": "b"}, ["c"])), encode, LIMIT)
