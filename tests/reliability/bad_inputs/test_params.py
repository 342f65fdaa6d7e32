"""`params_json`, a JSON document within the message, in both encodings."""

import pytest

from mirastack_sdk.testing import Encoding
from tests.reliability.bad_inputs.cases import BadInput, Failed, Served, each_of, meet
from tests.reliability.bad_inputs.requests import CONTENT_TYPES, call, execute

_NO_OBJECT = {
    "null": (b"null", "must be a JSON object, got null"),
    "a list": (b'[{"text": "hello"}]', "must be a JSON object, got a"),
    "a string": (b'"hello"', "must be a JSON object, got a string"),
    "a number": (b"3", "must be a JSON object, got a number"),
    "true": (b"true", "must be a JSON object, got"),
    "half an object": (b'{"text": ', "is not JSON"),
    "an object and more": (b'{"text": "hello"} x', "is not JSON"),
    "NaN": (b'{"text": NaN}', "is not JSON"),
    "bytes that are no UTF-8": (b'{"text": "\xff"}', "is not UTF-8"),
    "blanks": (b"  ", "is not JSON"),
    "text": (b"hello", "is not JSON"),
    "deeply nested": (b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "is nested too deeply"),
}
_OBJECTS = {
    "nothing": (b"", ""),
    "an empty object": (b"{}", ""),
    "a null": (b'{"text": null}', ""),
    "a true": (b'{"text": true}', "true"),
    "a whole number": (b'{"text": 3}', "3"),
    "a number beyond 64 bits": (b'{"text": 123456789012345678901}', "123456789012345678901"),
    "other names": (b'{"": "", "\\u0000": 1, "text": "x"}', "x"),
    "the same name twice": (b'{"text": "a", "text": "b"}', "b"),
}

CASES = [
    case
    for encoding in Encoding
    for case in (
        *(
            BadInput(
                f"{encoding.value}: {name}",
                "Parameters are a JSON object",
                call(
                    execute(params=params, encoding=encoding),
                    {"content-type": CONTENT_TYPES[encoding]},
                ),
                Failed(f"params_json {words}", encoding),
            )
            for name, (params, words) in _NO_OBJECT.items()
        ),
        *(
            BadInput(
                f"{encoding.value}: {name}",
                "Every value arrives as a string",
                call(
                    execute(params=params, encoding=encoding),
                    {"content-type": CONTENT_TYPES[encoding]},
                ),
                Served(said, encoding),
            )
            for name, (params, said) in _OBJECTS.items()
        ),
    )
]


@pytest.mark.contract("Two encodings: params_json that is not an object is success=false")
@each_of(CASES)
async def test_params_json(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is no JSON object fails its execution only, with a reason."""
    await meet(case, monkeypatch)
