"""Requests as the engine would send them, for unit tests of agents."""

from collections.abc import Mapping

from mirastack_sdk._core.contract.parameters import json_bytes, parse_params
from mirastack_sdk._core.model.context import Context, TimeRange
from mirastack_sdk._core.model.engine_api import EngineClient
from mirastack_sdk._core.model.execution import ExecuteRequest, ExecutionMode
from mirastack_sdk.testing._mock_engine import MockEngineClient

__all__ = ["make_execute_request"]


def make_execute_request(
    params: Mapping[str, object] | None = None,
    engine_client: EngineClient | None = None,
    *,
    action: str = "",
    time_range: TimeRange | None = None,
    ctx: Context | None = None,
    execution_mode: ExecutionMode = ExecutionMode.AUTONOMOUS,
) -> ExecuteRequest:
    """A request as `execute` receives it from the engine.

    `action` may be given by itself or as `params["action"]`. A parameter that is not a string
    arrives as its JSON text, as it does from an engine. Without an `engine_client`, the request has
    a fresh `MockEngineClient`; without a `ctx`, one of an execution named "execution-1". A mock
    takes the request for the running execution. Raises `ValueError` for a parameter that JSON
    cannot hold.
    """
    client = MockEngineClient() if engine_client is None else engine_client
    running = Context(execution_id="execution-1", step_id="step-1") if ctx is None else ctx
    if isinstance(client, MockEngineClient):
        client._run_as(running, time_range)  # noqa: SLF001 - there for this function alone
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
