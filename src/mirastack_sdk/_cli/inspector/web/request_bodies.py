"""The JSON bodies of requests to the inspector, read into values or refused with a sentence."""

import asyncio
import json
from collections.abc import Collection, Mapping

from starlette.requests import ClientDisconnect, Request

from mirastack_sdk._cli.inspector.web.request_guard import MOST_BYTES
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._text import finite_number, refuse_constant

_BODY_SECONDS = 30.0
_NOTHING: object = object()


class BadRequestError(Exception):
    """A request that cannot be served; its text is one sentence."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


async def body_of(request: Request) -> "Body":
    """The members of a request's JSON object; an empty body has none."""
    parsed = _parsed(await _read(request) or b"{}")
    match parsed:
        case dict():
            return Body(parsed)
        case _:
            raise BadRequestError(f"the body must be a JSON object, and is {_shown(parsed)}")


async def _read(request: Request) -> bytes:
    try:
        return await asyncio.wait_for(_collected(request), _BODY_SECONDS)
    except TimeoutError as error:
        sentence = f"the body did not arrive within {_BODY_SECONDS:g} s"
        raise BadRequestError(sentence, status=408) from error
    except ClientDisconnect as error:
        raise BadRequestError("the body is incomplete") from error


async def _collected(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise BadRequestError(f"the body must have at most {MOST_BYTES} bytes", status=413)
    return bytes(data)


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data, parse_constant=refuse_constant, parse_float=finite_number)
    except RecursionError as error:
        raise BadRequestError("the body is nested too deeply") from error
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error


class Body:
    """The members of a JSON object; a member of the wrong type is a `BadRequestError`."""

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = members

    def text(self, name: str, default: str | None = None) -> str:
        """A text, or `default` if there is none; without a default it is required."""
        value = self._value(name, _NOTHING if default is None else default)
        if not isinstance(value, str):
            raise _wrong(name, "a text", value)
        return value

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """One of some texts."""
        value = self.text(name, default)
        if value not in choices:
            raise _wrong(name, f"one of {', '.join(choices)}", value)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._value(name, _NOTHING)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false", value)
        return value

    def seconds(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number of seconds within limits."""
        value = self._value(name, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not isinstance(value, int | float) or not least <= value <= most:
            raise _wrong(name, f"a number of seconds from {least:g} to {most:g}", value)
        return float(value)

    def values(self, name: str) -> Mapping[str, object]:
        """A JSON object, by default an empty one."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            raise _wrong(name, "a JSON object", value)
        return {str(key): item for key, item in value.items()}

    def texts(self, name: str) -> Mapping[str, str]:
        """A JSON object whose values are texts."""
        texts = {}
        for key, item in self.values(name).items():
            if not isinstance(item, str):
                raise _wrong(f"{name}.{key}", "a text", item)
            texts[key] = item
        return texts

    def time_range(self, name: str) -> TimeRange | None:
        """A time range, if there is one."""
        value = self._value(name, None)
        match value:
            case None:
                return None
            case {"start_epoch_ms": int(start), "end_epoch_ms": int(end), **rest} if start <= end:
                others = Body({str(key): item for key, item in rest.items()})
                return TimeRange(
                    start_epoch_ms=start,
                    end_epoch_ms=end,
                    timezone=others.text("timezone", "UTC"),
                    original_expression=others.text("original_expression", ""),
                )
            case _:
                expected = "an object with start_epoch_ms and a later end_epoch_ms"
                raise _wrong(name, expected, value)

    def _value(self, name: str, default: object) -> object:
        value = self._members.get(name)
        if value is None:
            value = default
        if value is _NOTHING:
            raise BadRequestError(f"the body has no {name}")
        return value


def _wrong(name: str, expected: str, value: object) -> BadRequestError:
    return BadRequestError(f"{name} must be {expected}, and is {_shown(value)}")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:79] + "…"
