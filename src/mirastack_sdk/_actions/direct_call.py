"""The parts of `agent.call`: parameters as text, a client without an engine, and the result."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Never

from pydantic import TypeAdapter, ValidationError

from mirastack_sdk._actions.convert.arguments import validated
from mirastack_sdk._actions.convert.error_places import errors_of
from mirastack_sdk._actions.convert.exact_reader import read_exactly
from mirastack_sdk._actions.convert.parameter_errors import parameter_errors, wrong_value_error
from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk._actions.signature.action_parameters import exposed_name
from mirastack_sdk._actions.signature.dependencies import AgentValue, RangeOf, RequestPart, Source
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.types.adapters import typed_value
from mirastack_sdk._actions.types.parameter_form import parameter_form
from mirastack_sdk._core.contract.execute_messages import result_json
from mirastack_sdk._core.model.context import Context, Progress, TimeRange
from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._core.model.engine_api import (
    KPI,
    Approval,
    BlastRadius,
    EngineClient,
    HasExecutions,
    License,
    PluginResult,
    RecordsProgress,
)
from mirastack_sdk._core.model.execution import ACTION_PARAM, ExecuteRequest, ExecuteResponse
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import logged_call
from mirastack_sdk._text import parameter_text
from mirastack_sdk.errors import EngineError, ResultError

if TYPE_CHECKING:
    from typing_extensions import TypeForm


class NoEngine(EngineClient):
    """Accepts partial results; every other call fails with the reason `not_connected`."""

    async def cache_get(self, ctx: Context | None, key: str) -> str | None:
        _fail("cache_get")

    async def cache_get_batch(
        self, ctx: Context | None, keys: Sequence[str]
    ) -> dict[str, str | None]:
        _fail("cache_get_batch")

    async def cache_set(self, ctx: Context | None, key: str, value: str, ttl: int = 0) -> None:
        _fail("cache_set")

    async def log_event(self, ctx: Context | None, event: Mapping[str, str]) -> None:
        _fail("log_event")

    async def publish_result(self, ctx: Context | None, partial_json: str) -> None:
        """Do nothing; the runner keeps what was published."""

    async def get_config(self, ctx: Context | None) -> dict[str, str]:
        _fail("get_config")

    async def request_approval(
        self,
        ctx: Context | None,
        description: str,
        *,
        permission: Permission = Permission.MODIFY,
        context: Mapping[str, object] | None = None,
        blast_radius: BlastRadius | None = None,
        timeout: float = 300.0,
    ) -> Approval:
        _fail("request_approval")

    async def call_plugin(
        self,
        ctx: Context | None,
        plugin: str,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        time_range: TimeRange | None = None,
        timeout: float = 30.0,
    ) -> PluginResult:
        _fail("call_plugin")

    async def list_kpis(self, ctx: Context | None, *, kind: str = "", layer: str = "") -> list[KPI]:
        _fail("list_kpis")

    async def get_kpi(self, ctx: Context | None, kpi_id: str) -> KPI | None:
        _fail("get_kpi")

    @property
    def license(self) -> License | None:
        return None


def _fail(method: str) -> Never:
    raise EngineError(
        f"{method}: this call has no engine; pass one: engine_client=MockEngineClient()",
        reason="not_connected",
    )


@contextmanager
def execution(
    action: str,
    params: Mapping[str, str],
    time_range: TimeRange | None,
    engine_client: EngineClient | None,
    progress: list[Progress],
) -> Iterator[ExecuteRequest]:
    """The request of one execution, which ends with the block; `progress` gets its progress."""
    ctx = Context(execution_id="execution-1", step_id="step-1")
    running: AbstractContextManager[EngineClient]
    if isinstance(engine_client, HasExecutions):
        running = engine_client.execution(ctx, time_range)
    else:
        running = nullcontext(engine_client or NoEngine())
    with running as client, logged_call((ctx.execution_id, ctx.step_id, action, "")):
        yield ExecuteRequest(
            params={**params, ACTION_PARAM: action},
            time_range=time_range,
            engine_client=client,
            ctx=replace(ctx, _note=_progress_notes(client, progress)),
            action=action,
        )


def _progress_notes(
    client: EngineClient, noted: list[Progress]
) -> Callable[[Context, Progress], None]:
    def note(ctx: Context, progress: Progress) -> None:
        if isinstance(client, RecordsProgress):
            client.record_progress(ctx, progress)
        noted.append(progress)

    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """The response of an action, as the engine would receive it.

    `partials` are the partial results, as JSON values. `progress` is what `ctx.progress` was told,
    every time; an engine gets some of it.
    """

    response: ExecuteResponse
    partials: tuple[object, ...] = ()
    progress: tuple[Progress, ...] = ()

    @classmethod
    def of(
        cls, response: object, published: Sequence[str], progress: Sequence[Progress] = ()
    ) -> "ActionResult":
        """The result for a response, the published texts, and the progress.

        Raises `TypeError` if `response` is not an `ExecuteResponse`.
        """
        if not isinstance(response, ExecuteResponse):
            raise TypeError(f"execute must return ExecuteResponse, got {type(response).__name__}")
        return cls(
            response=response,
            partials=tuple(map(json.loads, published)),
            progress=tuple(progress),
        )

    @property
    def logs(self) -> list[str]:
        """The log lines of the response, beside the result or in place of one."""
        return self.response.logs

    @property
    def error(self) -> str:
        """The reason that the language model reads in place of a result, or an empty text."""
        match json.loads(result_json(self.response, None)):
            case {"error": str(error)}:
                return error
            case _:
                return ""

    @property
    def text(self) -> str:
        """The result as JSON text; raises `LookupError` with the logs if there is none."""
        if self.response.result_json is not None:
            return self.response.result_json.decode()
        if "result" not in self.response.output:
            raise LookupError(
                "\n".join(["the action returned no result:", *(self.logs or ["no log line"])])
            )
        return self.response.output["result"]

    @property
    def value(self) -> object:
        """The result as a JSON value; raises `LookupError` if there is none."""
        value: object = json.loads(self.text)
        return value

    def read[Value](self, kind: "TypeForm[Value]") -> Value:
        """The result as a value of a type: `result.read(list[LogLine])`.

        Nothing is converted that JSON can express: a string is no number. Raises `LookupError` if
        there is no result, `ValueError` if it does not match the type.
        """
        adapter: TypeAdapter[Value] = TypeAdapter(kind)
        shape = typed_value(kind).shape
        found = read_exactly(self.value, shape)
        if found.wrong:
            sentences = [
                wrong_value_error("result", path, found.value, shape) for path in found.wrong
            ]
            raise ValueError("; ".join(sentences))
        try:
            return validated(adapter, found.value)
        except ValidationError as error:
            sentences = parameter_errors("result", found.value, shape, errors_of(error))
            raise ValueError("; ".join(sentences)) from error


def request_params(
    parameters: Mapping[str, object], action: str, signature: Signature | None
) -> dict[str, str]:
    """Parameters as the engine sends them: by exposed name, as text; text stays as it is.

    Secrets are revealed, since the action is to get them.

    Raises `TypeError` for a value that cannot be written as JSON.
    """
    texts: dict[str, str] = {}
    for name, value in parameters.items():
        try:
            written = json_value(parameter_form(value, reveal=True))
        except ResultError as error:
            part, _, reason = str(error).partition(" ")
            dot = "" if part.startswith("[") else "."
            place = name if part == "the" else f"{name}{dot}{part}"
            reason = re.split(", which|: return", reason.removeprefix("result "), maxsplit=1)[0]
            advice = _advice(name, value, signature)
            raise TypeError(
                f"{action}: {place} {reason}, which no parameter can be: {advice}"
            ) from error
        texts[exposed_name(name)] = parameter_text(written)
    return texts


def _advice(name: str, value: object, signature: Signature | None) -> str:
    if isinstance(value, EngineClient):
        return "pass it as engine_client"
    if signature is None:
        return "the engine sends text"
    if name in signature.injected:
        return f"{name} is injected, so {_source_advice(signature.injected[name])}"
    if exposed_name(name) not in signature.parameters:
        names = ", ".join(signature.parameters)
        return f"the parameters are {names}" if names else "the action has no parameters"
    return "pass what the model would write, such as text, numbers, lists or dicts"


def _source_advice(source: Source) -> str:
    """How a test sets what is injected from a source."""
    match source:
        case RequestPart(part="engine_client"):
            return "pass it as engine_client"
        case RequestPart():
            return "leave it out: each call has its own"
        case RangeOf():
            return "pass it as time_range"
        case AgentValue():
            return (
                "pass a config to agent.running(config=...), and replace a lifespan with overrides"
            )
        case _:
            return "replace its factory with agent.running(overrides=...)"
