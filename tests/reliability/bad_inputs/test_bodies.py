"""Messages that cannot be decoded: their framing, protobuf and JSON."""

import json

import pytest

from mirastack_sdk.testing import Encoding
from tests.reliability.bad_inputs.agent import MOST_BYTES
from tests.reliability.bad_inputs.cases import BadInput, Outcome, Refused, Served, each_of, meet
from tests.reliability.bad_inputs.requests import (
    CONFIG,
    CONTENT_TYPES,
    END,
    EXECUTE,
    HEALTH,
    WHOLE,
    call,
    data,
    execute,
    headers,
    request_block,
)
from tests.wire.raw_peer import frame as message

_UNREADABLE = Refused(3, "the request cannot be read")
_NO_MESSAGE = Refused(13, "without a request message")
_GOOD = message(execute())


def _framed(
    promise: str, outcome: Outcome, sent: dict[str, bytes], *, encoding: Encoding | None = None
) -> list[BadInput]:
    """Return cases with a whole body, including the message prefix."""
    changed = {} if encoding is None else {"content-type": CONTENT_TYPES[encoding]}
    return [
        BadInput(name, promise, headers(request_block(changed)) + data(body), outcome)
        for name, body in sent.items()
    ]


def _messages(
    encoding: Encoding, path: str, promise: str, outcome: Outcome, sent: dict[str, bytes]
) -> list[BadInput]:
    """Return cases with a message."""
    changed = {"content-type": CONTENT_TYPES[encoding], ":path": path}
    where = path.rpartition("/")[2]
    return [
        BadInput(f"{where}, {name}", promise, call(body, changed), outcome)
        for name, body in sent.items()
    ]


FRAMES = [
    *_framed(
        "A message is as long as it says",
        _UNREADABLE,
        {
            "half a prefix": _GOOD[:3],
            "a prefix alone": _GOOD[:5],
            "all but a byte": _GOOD[:-1],
            "a byte too many": _GOOD + b"\0",
            "two messages": _GOOD + _GOOD,
            "a length that is too small": b"\0" + (3).to_bytes(4) + execute(),
            "a length that is too large": b"\0" + (50_000).to_bytes(4) + execute(),
        },
    ),
    *_framed(
        "A message that is too large is refused before it comes",
        Refused(8, str(MOST_BYTES)),
        {
            "a length above the limit": b"\0" + (MOST_BYTES + 1).to_bytes(4) + b"x",
            "a length of 4 GB": b"\0\xff\xff\xff\xff" + b"x",
        },
    ),
    *_framed(
        "Nothing is uncompressed",
        Refused(12, "compressed"),
        {
            "the flag of compression": message(execute(), compressed=1),
            "another flag": message(execute(), compressed=255),
        },
    ),
    *_framed("A call has a message", _NO_MESSAGE, {"no message": b""}),
    BadInput("no body", "A call has a message", headers(flags=WHOLE | END), _NO_MESSAGE),
]

# Tags of ExecuteRequest: execution_id 1, action_id 3, params_json 4, execution_mode 5, context 6.
PROTOBUF = [
    *_messages(
        Encoding.PROTOBUF,
        EXECUTE,
        "What is no protobuf is refused with a sentence",
        _UNREADABLE,
        {
            "a tag alone": b"\x0a",
            "a string that is cut off": b"\x0a\x05ab",
            "a length of 2^31": b"\x0a\xff\xff\xff\xff\x07ab",
            "a length of 2^63": b"\x0a" + b"\xff" * 8 + b"\x7f",
            "a length of 11 bytes": b"\x0a" + b"\x80" * 10 + b"\x01",
            "a number without an end": b"\x28\x80\x80",
            "a number of 11 bytes": b"\x28" + b"\x80" * 10 + b"\x01",
            "field 0": b"\x02\x01a",
            "field 2^29": b"\x82\x80\x80\x80\x10\x01a",
            "wire type 6": b"\x0e",
            "wire type 7": b"\x0f\x00",
            "an end of no group": b"\x0c",
            "a group without an end": b"\x7b\x08\x01",
            "groups that cross": b"\x7b\x83\x01\x7c\x84\x01",
            "a string that is no UTF-8": b"\x0a\x02\xff\xfe",
            "a surrogate in UTF-8": b"\x0a\x03\xed\xa0\x80",
            "UTF-8 longer than need be": b"\x0a\x02\xc0\x80",
            "a map entry that is cut off": b"\x32\x04\x0a\x09a",
            "a map key that is no UTF-8": b"\x32\x03\x0a\x01\xff",
            "a time range that is cut off": b"\x3a\x02\x08\x80",
            "JSON": b'{"action_id":"say"}',
            "HTML": b"<html></html>",
            "ones": b"\xff" * 1000,
            "a thousand nested groups": b"\x7b" * 1000 + b"\x7c" * 1000,
        },
    ),
    *_messages(
        Encoding.PROTOBUF,
        CONFIG,
        "What is no protobuf is refused with a sentence",
        _UNREADABLE,
        {
            "a map entry that is cut off": b"\x0a\x04\x0a\x09a",
            "a value that is no UTF-8": b"\x0a\x05\x0a\x00\x12\x01\xff",
            "a version without an end": b"\x10\x80",
        },
    ),
    *_messages(
        Encoding.PROTOBUF,
        HEALTH,
        "Even a message of nothing is read",
        _UNREADABLE,
        {"ones": b"\xff" * 10, "a tag alone": b"\x0a", "text": b"hello"},
    ),
    *_messages(
        Encoding.PROTOBUF,
        HEALTH,
        "Fields that an agent does not know come from an engine that is newer",
        Served(None),
        {"nothing": b"", "an unknown field": b"\x78\x01\x82\x01\x02ab", "a group": b"\x7b\x7c"},
    ),
]

_WRONG_TYPES: dict[str, object] = {
    "execution_id": 1,
    "action_id": ["say"],
    "params_json": {"text": "hello"},
    "execution_mode": "EXECUTION_MODE_MANUAL",
    "context": ["a"],
    "time_range": "today",
    "tenant_id": False,
}
JSON = [
    *_messages(
        Encoding.JSON,
        EXECUTE,
        "What is no JSON object is refused with a sentence",
        _UNREADABLE,
        {
            "nothing": b"",
            "blanks": b" \n\t ",
            "a list": b"[]",
            "a string": b'"say"',
            "a number": b"3",
            "true": b"true",
            "half an object": b'{"action_id":',
            "an object and more": b'{"action_id":"say"} x',
            "two objects": b"{}{}",
            "a comma at the end": b'{"action_id":"say",}',
            "a comment": b'{"action_id":"say"/* why not */}',
            "single quotes": b"{'action_id':'say'}",
            "a name without quotes": b'{action_id:"say"}',
            "NaN": b'{"execution_mode":NaN}',
            "Infinity": b'{"execution_mode":Infinity}',
            "a fraction for an enum": b'{"execution_mode":1.5}',
            "an enum beyond 32 bits": b'{"execution_mode":99999999999}',
            "a number of 5,000 digits": b'{"execution_mode":' + b"9" * 5000 + b"}",
            "a map of numbers": b'{"context":{"a":1}}',
            "a byte order mark": b"\xef\xbb\xbf{}",
            "UTF-16": '{"action_id":"say"}'.encode("utf-16"),
            "bytes that are no UTF-8": b'{"action_id":"\xff"}',
            "a control character": b'{"action_id":"s\x01ay"}',
            "an escape that is none": b'{"action_id":"s\\xay"}',
            "protobuf": execute(),
            "lists that nest 25,000 deep": b'{"x":' + b"[" * 25_000 + b"]" * 25_000 + b"}",
            "base64 without its padding": b'{"params_json":"e30"}',
            "base64 of URLs": b'{"params_json":"__--"}',
            "base64 that is none": b'{"params_json":"{}"}',
            **{
                f"a wrong type for {name}": json.dumps({name: value}).encode()
                for name, value in _WRONG_TYPES.items()
            },
        },
    ),
    *_messages(
        Encoding.JSON,
        CONFIG,
        "What is no JSON object is refused with a sentence",
        _UNREADABLE,
        {
            "a list": b"[]",
            "config as a list": b'{"config":[]}',
            "config of numbers": b'{"config":{"a":1}}',
            "version as text": b'{"version":"1"}',
            "version beyond 64 bits": b'{"version":9223372036854775808}',
        },
    ),
    *_messages(
        Encoding.JSON,
        HEALTH,
        "Even a message of nothing is read",
        _UNREADABLE,
        {"nothing": b"", "a list": b"[]", "half an object": b"{", "ones": b"\xff\xff"},
    ),
    *_messages(
        Encoding.JSON,
        HEALTH,
        "Names that an agent does not know come from an engine that is newer",
        Served(None),
        {"an object": b"{}", "an unknown name": b'{"a":[{"b":null}],"c":1e99}'},
    ),
    *_messages(
        Encoding.JSON,
        CONFIG,
        "Null is Go's word for nothing",
        Served(None),
        {"null": b'{"config":null,"version":null}', "twice": b'{"version":1,"version":2}'},
    ),
]


@pytest.mark.contract("Environment: MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES in either direction")
@each_of(FRAMES)
async def test_a_body_that_is_no_message(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that is not one uncompressed message within the limit is refused with a reason."""
    await meet(case, monkeypatch)


@pytest.mark.contract(
    "Two encodings: what does not decode is INVALID_ARGUMENT, and the agent serves on"
)
@each_of(PROTOBUF)
async def test_protobuf(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invalid protobuf is refused with INVALID_ARGUMENT; unknown fields are ignored."""
    await meet(case, monkeypatch)


@pytest.mark.contract(
    "Two encodings: what does not decode is INVALID_ARGUMENT, and the agent serves on"
)
@each_of(JSON)
async def test_json(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invalid JSON is refused with INVALID_ARGUMENT."""
    await meet(case, monkeypatch)
