"""The result of a plain response: texts in ASCII without logs, as nearly all responses are."""

from json.encoder import encode_basestring_ascii
from typing import Any  # noqa: TID251 - an author may have set anything

from mirastack_sdk._core.contract.execute_messages import BYTES_AROUND
from mirastack_sdk._core.contract.fast_json import LARGE, TEXTS, fast_json
from mirastack_sdk._core.model.execution import ExecuteResponse

# `encode_basestring_ascii` escapes this character; the encoder that writes other results does not.
_DELETE = "\x7f"


def most_plain_characters(max_bytes: int) -> int:
    """How many characters a plain result may have in a message of at most `max_bytes`."""
    return (max_bytes - BYTES_AROUND) * 3 // 4


def plain_result(response: object, most_characters: int) -> bytes | None:
    """The JSON of an output of ASCII texts without logs, checked and written in one pass.

    Nearly every response is one. `None` stands for every other one, one that is not valid or longer
    than `most_characters` included: `execute_messages` has the way that they take.
    """
    if type(response) is not ExecuteResponse:
        return None
    given: Any = response
    try:
        output, logs, own = given.output, given.logs, given.result_json
    except AttributeError:
        return None
    if type(output) is not dict or type(logs) is not list or logs or own is not None:
        return None
    size = 0
    # Of a copy, since a thread of the author's may still change the output.
    members = output.copy()
    for name, text in members.items():
        if type(name) is not str or type(text) is not str:
            return None
        size += len(name) + len(text)
        is_ascii = name.isascii() and text.isascii()
        if size > most_characters or not is_ascii or _DELETE in text or _DELETE in name:
            return None
    # Without orjson, asking for a compiled library costs more than it saves in a small result.
    is_asked = size >= LARGE or fast_json() is not None
    written = (is_asked and TEXTS.write(members)) or _ascii_json(members)
    # An escape takes up to six characters.
    return written if len(written) <= most_characters else None


def _ascii_json(members: dict[str, str]) -> bytes:
    # Of ASCII this makes the same as the encoder, in two thirds of the time, which is most of what
    # a large result takes, and without the encoder's own steps.
    parts = ["{"]
    for name, text in members.items():
        parts += (encode_basestring_ascii(name), ":", encode_basestring_ascii(text), ",")
    parts[-1 if members else 1 :] = "}"
    return "".join(parts).encode()
