"""Messages as people read them, and back."""

import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.recording.json_layout import layout
from mirastack_sdk._runtime.recording.message_form import form_of, message_from

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$json"), inner),
    max_leaves=20,
)


def there_and_back[Message](message: Message) -> Message:
    """The message that the text of the file becomes."""
    form: dict[str, object] = json.loads(layout(form_of(message)))
    return message_from(form, type(message))


@pytest.mark.parametrize(
    "message",
    [
        wire.CacheGetResponse(value=b"", found=True),
        wire.CacheGetResponse(value=b"plain \xc3\xbc", found=True),
        wire.CacheGetResponse(value=b"\xff\x00", found=True),
        wire.CacheGetResponse(value=b'{"a":[1,2.5]}', found=True),
        wire.CacheGetResponse(value=b'{"a": [1, 2.5]}', found=True),
        wire.CacheGetResponse(value=b'{"a":  1}', found=True),
        wire.CacheGetResponse(value=b'{"a":1,"a":2}', found=True),
        wire.CacheGetResponse(value=b"[1e999]", found=True),
        wire.CacheGetResponse(value=b"[" * 5_000 + b"]" * 5_000, found=True),
        wire.CacheGetBatchResponse(
            entries=[wire.CacheGetBatchEntry(key="value", value=b"{}", found=True)]
        ),
        wire.CallPluginResponse(success=True, result_json=b"{}"),
        wire.CallPluginResponse(success=True, result_json=b'"text"'),
        wire.CallPluginResponse(success=True, result_json=b"no JSON"),
        wire.CallPluginResponse(success=True, result_json=b"\xff"),
        wire.CallPluginResponse(success=True, result_json=b'{"$json":1}'),
        wire.CallPluginResponse(success=True, result_json=b'{"a":{"$cut":{"$text":"x"}}}'),
        wire.CallPluginResponse(success=True, result_json=b'{"a":"{\\"$json_text\\":1}"}'),
        wire.GetConfigResponse(config={"value": "x", "result_json": '{"a":1}'}, version=2**40),
        wire.GetKPIResponse(kpi=wire.KPI(id="k", created_at=2**60)),
        wire.GetKPIResponse(),
        wire.ListKPIsResponse(kpis=[wire.KPI(id="k"), wire.KPI()]),
        wire.RequestApprovalResponse(approved=True, reviewer="Zoë"),
        wire.ExecuteRequest(
            params_json=b'{"a":"[1,2]"}',
            execution_mode=wire.ExecutionMode.GUIDED,
            context={"k": "[1]"},
            time_range=wire.TimeRange(start_epoch_ms=2**53 + 1),
        ),
    ],
    ids=lambda message: f"{type(message).__name__} {str(message)[:60]}",
)
def test_a_message_comes_back_as_it_was(message: object) -> None:
    """What is written to a file becomes the same message, byte for byte where it has bytes."""
    assert there_and_back(message) == message


@given(JSON)
def test_all_json_comes_back(value: object) -> None:
    """Whatever an agent or an engine sends as JSON, in whichever form Python writes it."""
    for text in (json.dumps(value), json.dumps(value, separators=(",", ":"), ensure_ascii=False)):
        try:
            data = text.encode()
        except UnicodeEncodeError:
            continue
        sent = wire.CallPluginResponse(result_json=data)
        assert json.loads(there_and_back(sent).result_json) == json.loads(data)
        cached = wire.CacheGetResponse(value=data)
        assert there_and_back(cached).value == data


def test_people_read_the_json_in_texts() -> None:
    """A parameter or a result that is JSON text is shown as JSON."""
    message = wire.CallPluginResponse(result_json=b'{"result":"{\\"rows\\":[1,2]}","n":1}')
    assert form_of(message) == {"result": {"result": {"$json_text": {"rows": [1, 2]}}, "n": 1}}
    assert form_of(wire.CacheSetRequest(key="k", value=b'{"a": 1}')) == {
        "key": "k",
        "value": {"$json_dumps": {"a": 1}},
    }


def test_what_is_too_large_is_cut() -> None:
    """Its size and digest stay, so that another value still differs."""
    message = wire.CacheSetRequest(key="k", value=b"x" * 1_000)
    form = form_of(message, admits=lambda size: size < 1_000)
    digest = hashlib.sha256(message.value).hexdigest()
    assert form == {"key": "k", "value": {"$cut": {"bytes": 1000, "sha256": digest}}}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"nope": 1}, "CacheGetResponse has no field 'nope', only value, found"),
        ({"value": 1}, "value: 1 is no text"),
        ({"value": {"$cut": {"bytes": 1}}}, 'value: {"$cut":{"bytes":1}} is no text'),
    ],
)
def test_another_form_is_refused(form: dict[str, object], sentence: str) -> None:
    """The sentence names what is wrong."""
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        message_from(form, wire.CacheGetResponse)


@pytest.mark.parametrize("form", [{"found": "yes"}, {"value": {"$base64": "%"}}, {"value": [1]}])
def test_a_value_of_another_type_is_refused(form: dict[str, object]) -> None:
    """No object of a wrong type reaches the agent."""
    (name,) = form
    with pytest.raises(ValueError, match=name):
        message_from(form, wire.CacheGetResponse)


def test_short_parts_are_on_one_line() -> None:
    """A diff of two recordings shows the lines that changed."""
    value = {"short": {"a": 1, "b": [1, 2]}, "long": list(range(60)), "empty": {}, "é": "ü"}
    text = layout(value)
    assert json.loads(text) == value
    lines = text.splitlines()
    assert '  "short": {"a": 1, "b": [1, 2]},' in lines
    assert "    59" in lines
    assert '  "é": "ü"' in lines
