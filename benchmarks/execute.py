"""The Execute calls that are measured: the bytes of the request, and the expected response."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks import actions
from benchmarks.errors import MeasurementError
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding

PATH = "/mirastack.plugin.v1.PluginService/Execute"
CONTENT_TYPES: Mapping[Encoding, str] = {
    Encoding.PROTOBUF: "application/grpc",
    Encoding.JSON: "application/grpc+json",
}

_UNTIL = 1_774_973_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute:
    """One call of an action."""

    action: str
    params: Mapping[str, str] = field(default_factory=dict)

    def request(self, encoding: Encoding) -> bytes:
        """The request's message; about 200 bytes without the parameters."""
        message = wire.ExecuteRequest(
            tenant_id="824a1531-d24a-549c-8003-23b0f2d206cd",
            execution_id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
            step_id="step-1",
            workflow_id="workflow-1",
            action_id=self.action,
            params_json=json.dumps(dict(self.params)).encode(),
            execution_mode=wire.ExecutionMode.AUTONOMOUS,
            context={"user": "ada"},
            time_range=wire.TimeRange(
                start_epoch_ms=_UNTIL - 1_800_000,
                end_epoch_ms=_UNTIL,
                timezone="Europe/Berlin",
                original_expression="last 30 minutes",
            ),
        )
        return CODECS[encoding].for_type(wire.ExecuteRequest).encode(message)

    def check(self, response: bytes, encoding: Encoding) -> None:
        """Raise `MeasurementError` unless the response is the action's result."""
        message = CODECS[encoding].for_type(wire.ExecuteResponse).decode(response)
        if not message.success:
            raise MeasurementError(f"{self.action} has failed: {message.error}")
        result = json.loads(message.result_json)["result"]
        if result != self._expected():
            raise MeasurementError(f"{self.action} has answered something else: {result[:80]}")

    def _expected(self) -> str:
        async def cached(key: str) -> str:  # noqa: ARG001 - one value for every key
            return actions.CACHED

        return asyncio.run(actions.run(self.action, self.params, _UNTIL, cached))
