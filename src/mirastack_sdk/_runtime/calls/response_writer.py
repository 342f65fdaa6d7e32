"""The responses of executions: checked, cleaned and written for the engine."""

from functools import partial

from mirastack_sdk._core.contract.execute_messages import (
    checked_response,
    failed_response,
    most_bytes,
    response_to_wire,
)
from mirastack_sdk._core.contract.plain_results import most_plain_characters, plain_result
from mirastack_sdk._core.model.declarations import PluginSchema
from mirastack_sdk._core.redaction.clean import clean_log
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding

_LOG = Log("agent")

GO_LIMIT = 4 * 1024 * 1024
"""The largest message that a Go program reads by default (grpc-go, `MaxCallRecvMsgSize`)."""

# Cleaning a line takes up to a millisecond; other calls must not wait for all of them.
_LINES_AT_ONCE = 10


class ResponseWriter:
    """Writes the responses of the executions of one agent, in at most `max_bytes` each."""

    def __init__(
        self, secrets: KnownSecrets, clock: Clock, schema: PluginSchema, max_bytes: int
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._max_bytes = max_bytes
        # Of no more characters, the size needs no further look.
        self._most_characters = most_plain_characters(min(max_bytes, GO_LIMIT))
        self._not_warned_of = {action.name for action in schema.actions}

    def plain_message(self, response: object, started: float) -> wire.ExecuteResponse | None:
        """The author's response as the engine reads it, if it is as simple as nearly all are."""
        result = plain_result(response, self._most_characters)
        if result is None:
            return None
        if not self._secrets.is_empty:
            result = self._secrets.hide_in_json(result.decode()).encode()
            if len(result) > self._most_characters:
                return None
        return wire.ExecuteResponse(
            success=True,
            result_json=result,
            duration_ms=self._milliseconds_since(started),
        )

    async def message(
        self, response: object, *, action: str, started: float, encoding: Encoding
    ) -> wire.ExecuteResponse:
        """The author's response as the engine reads it; raises `InvalidResponseError`."""
        checked = checked_response(response, self._max_bytes)
        if checked.logs:
            checked.logs = await self._cleaned(checked.logs)
        encode = partial(_encoded, encoding)
        message = response_to_wire(
            checked,
            self._milliseconds_since(started),
            hide_in_json=None if self._secrets.is_empty else self._secrets.hide_in_json,
            max_bytes=self._max_bytes,
            encode=encode,
        )
        if most_bytes(message) > GO_LIMIT and action in self._not_warned_of:
            self._warn_of_size(len(encode(message)), action)
        return message

    def failure(self, error: str, started: float) -> wire.ExecuteResponse:
        """The response of an execution that failed; `error` must be clean already."""
        return failed_response(error, self._milliseconds_since(started))

    async def _cleaned(self, logs: list[str]) -> list[str]:
        cleaned: list[str] = []
        for line in logs:
            if cleaned and len(cleaned) % _LINES_AT_ONCE == 0:
                await self._clock.sleep(0)
            cleaned.append(clean_log(line, self._secrets.hide))
        return cleaned

    def _warn_of_size(self, size: int, action: str) -> None:
        if size <= GO_LIMIT:
            return
        self._not_warned_of.discard(action)
        _LOG.warning(
            "the result of %r has %d bytes; an engine with Go's default limit refuses more than "
            "%d: return less, or raise the engine's limit",
            action,
            size,
            GO_LIMIT,
        )

    def _milliseconds_since(self, started: float) -> int:
        return round((self._clock.monotonic() - started) * 1000)


def _encoded(encoding: Encoding, response: wire.ExecuteResponse) -> bytes:
    return CODECS[encoding].for_type(wire.ExecuteResponse).encode(response)
