"""The requests that unit tests pass to an agent."""

from collections.abc import Mapping
from dataclasses import replace

from mirastack_sdk._core.contract.parameters import json_bytes, parse_params
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient, RecordsProgress
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecutionMode
from mirastack_sdk.testing._mock_engine import MockEngineClient


def make_execute_request(
    params: Mapping[str, object] | None = None,
    engine_client: EngineClient | None = None,
    *,
    action: str = "",
    time_range: TimeRange | None = None,
    ctx: Context | None = None,
    execution_mode: ExecutionMode = ExecutionMode.AUTONOMOUS,
) -> ExecuteRequest:
    """Make a request as `execute` receives it from the engine.

    Pass the name of the action as `action` or as `params["action"]`. A parameter that is not a
    string becomes its JSON text, as it does in an engine; one that JSON cannot represent raises
    `ValueError`. By default, `engine_client` is a new `MockEngineClient`, and `ctx` is that of an
    execution named "execution-1". A mock engine treats the request as its running execution.
    """
    client = MockEngineClient() if engine_client is None else engine_client
    running = Context(execution_id="execution-1", step_id="step-1") if ctx is None else ctx
    if isinstance(client, MockEngineClient):
        client._run_as(running, time_range)  # noqa: SLF001 - only meant for this function
    if isinstance(client, RecordsProgress):
        running = replace(running, _note=client.record_progress)
    received = parse_params(_params_json(params or {}), action)
    return ExecuteRequest(
        params=received,
        time_range=time_range,
        engine_client=client,
        ctx=running,
        action=action or received.get("action", ""),
        execution_mode=execution_mode,
    )


def _params_json(params: Mapping[str, object]) -> bytes:
    for name, value in params.items():
        try:
            json_bytes(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"params[{name!r}] cannot be sent as JSON: {error}") from error
    return json_bytes(dict(params))
