"""Parameters and results between `dict[str, str]` and the contract's JSON."""

import json
from collections.abc import Callable, Iterator, Mapping

from mirastack_sdk._core.contract.fast_json import texts_in_json
from mirastack_sdk._core.contract.number_text import NumberText
from mirastack_sdk._core.model.declarations import ParamSchema
from mirastack_sdk._core.model.execution import ACTION_PARAM
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._text import decoded, refuse_constant, well_formed
from mirastack_sdk.errors import MirastackError

type _Json = str | bool | list["_Json"] | dict[str, "_Json"] | None

# sys.int_info.default_max_str_digits.
_MOST_DIGITS = 4300

_BLANKS = deferred_pattern(r"[ \t\r\n]*")
_STRING_OR_BLANKS = deferred_pattern(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


class ParamsError(MirastackError):
    """JSON that is not the object it should be; the message says what it is instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_params")


_DECODER = json.JSONDecoder(
    parse_float=NumberText, parse_int=NumberText, parse_constant=refuse_constant
)
# A number of thousands of digits stays text: Python refuses to convert it.
_VALUES = json.JSONDecoder(
    parse_int=lambda text: int(text) if len(text) <= _MOST_DIGITS else text,
    parse_constant=refuse_constant,
)
_SCAN: Callable[[str, int], tuple[_Json, int]] = _DECODER.scan_once  # type: ignore[attr-defined] # typeshed leaves it out
_STRINGS: frozenset[type] = frozenset({str})
# json.dumps would build one for each call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _ignore(action: str) -> None:
    """For callers to whom another action in the parameters does not matter."""


def parse_params(
    params_json: bytes, action_id: str, on_other_action: Callable[[str], None] = _ignore
) -> dict[str, str]:
    """The parameters of an execution as its author reads them.

    A value that is no string is its JSON text without blanks, numbers as they were written; null is
    `""`. The engine has admitted and approved `action_id`, so it replaces the action that the
    parameters name; `on_other_action` is called with the latter if it differs. Raises
    `ParamsError`.
    """
    params = _string_values(params_json, "params_json")
    if action_id:
        named = params.get(ACTION_PARAM, "")
        if named not in ("", action_id):
            on_other_action(named)
        params[ACTION_PARAM] = action_id
    return params


class ParsedResult:
    """A `result_json`: the whole value, its members as text, and the log lines among them."""

    __slots__ = ("logs", "output", "value")

    def __init__(
        self,
        *,
        value: object = None,
        output: dict[str, str] | None = None,
        logs: list[str] | None = None,
    ) -> None:
        self.value = value
        self.output: dict[str, str] = {} if output is None else output
        self.logs: list[str] = [] if logs is None else logs


def parse_result(data: bytes) -> ParsedResult:
    """The result of an execution; the members of an object are read as parameters are.

    A value that is no object stands under `"result"` as its JSON text; null and nothing are no
    output. Raises `ParamsError` for what is not JSON.
    """
    if not data.strip():
        return ParsedResult()
    try:
        value: object = _VALUES.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise ParamsError(f"result_json is not JSON: {error}") from error
    match value:
        case None:
            return ParsedResult()
        case {"logs": [*lines]} if all(isinstance(line, str) for line in lines):
            output = _string_values(data, "result_json")
            del output["logs"]
            return ParsedResult(value=value, output=output, logs=lines)
        case dict():
            return ParsedResult(value=value, output=_string_values(data, "result_json"))
        case _:
            return ParsedResult(value=value, output={"result": data.decode().strip()})


def parameters_json(params: dict[str, ParamSchema]) -> bytes:
    """The JSON array that describes `params`, in the dict's order."""
    return json_bytes([_parameter(name, param) for name, param in params.items()])


def json_bytes(value: object) -> bytes:
    """`value` as compact JSON in UTF-8.

    Raises what `json` raises for a value that is not JSON, NaN and infinities included.
    """
    return _utf8(_ENCODER.encode(value))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return well_formed(text).encode()


def _parameter(name: str, param: ParamSchema) -> dict[str, object]:
    described: dict[str, object] = {
        "name": name,
        "type": param.type,
        "required": param.required,
        "description": param.description,
    }
    if param.default:
        described["default"] = param.default
    if param.enum:
        described["enum"] = param.enum
    return described


def _string_values(data: bytes, what: str) -> dict[str, str]:
    if not data:
        return {}
    if (texts := texts_in_json(data)) is not None:
        return texts
    try:
        text = data.decode()
        value = decoded(text, _SCAN, _DECODER.decode)
    except UnicodeDecodeError as error:
        raise ParamsError(f"{what} is not UTF-8 text: {error.reason}") from error
    except json.JSONDecodeError as error:
        problem = error.msg.removesuffix(" at")
        raise ParamsError(f"{what} is not JSON: {problem} at character {error.pos}") from error
    except ValueError as error:
        raise ParamsError(f"{what} is not JSON: {error}") from error
    except RecursionError as error:
        raise ParamsError(f"{what} is nested too deeply") from error
    if not isinstance(value, dict):
        raise ParamsError(f"{what} must be a JSON object, got {_kind(value)}")
    if _STRINGS.issuperset(map(type, value.values())) and text.isascii() and "\\" not in text:
        # Nearly all parameters: texts that need no further look, since no escape makes a surrogate.
        return value  # pyright: ignore[reportReturnType] # the line above looks at all values
    return _texts(value, text)


def _texts(members: dict[str, _Json], text: str) -> dict[str, str]:
    """The members of the JSON object that `text` is, as texts."""
    # Most values are plain ASCII text, and need no further call.
    written: Mapping[str, str] | None = None
    texts: dict[str, str] = {}
    for name, item in members.items():
        if type(item) is str and item.isascii():
            item_text = item
        elif isinstance(item, list | dict):
            written = dict(_written_values(text)) if written is None else written
            item_text = _STRING_OR_BLANKS.sub(r"\1", written[name])
        else:
            item_text = _scalar_text(item)
        texts[name if name.isascii() else well_formed(name)] = item_text
    return texts


def _scalar_text(value: str | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return well_formed(str(value))


def _written_values(text: str) -> Iterator[tuple[str, str]]:
    """Each value of the JSON object that `text` is, as it was written.

    Writing nested values anew would round their numbers and change their escapes.
    """
    at = _after_blanks(text, text.index("{") + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        start = _after_blanks(text, _after_blanks(text, at) + len(":"))
        _, end = _DECODER.raw_decode(text, start)
        yield str(name), text[start:end]
        at = _after_blanks(text, end)
        if text[at] == ",":
            at = _after_blanks(text, at + 1)


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks is not None else at


def _kind(value: _Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case NumberText():
            return "a number"
        case str():
            return "a string"
        case _:
            return "an array"
