"""The executions of the page: they are started, cancelled, and kept with what they asked for."""

import asyncio
import time
from collections.abc import Iterator

from mirastack_sdk._cli.inspector.event_stream import EventStream
from mirastack_sdk._cli.inspector.execution_record import (
    ExecutionRecord,
    ExecutionRequest,
    ExecutionStatus,
    Json,
)
from mirastack_sdk._cli.inspector.pacing import Paced
from mirastack_sdk._cli.inspector.shortening import shortened
from mirastack_sdk._core.contract.progress_messages import progress_of
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.errors import MirastackError
from mirastack_sdk.testing import (
    AgentCallError,
    ExecutionResult,
    LocalEngine,
    ObservedCall,
    RegisteredAgent,
)

_MOST_KEPT = 200
_MOST_BYTES = 64 * 1024 * 1024
# What an agent does for itself and not for an execution.
_OWN_BUSINESS = frozenset({"register_plugin", "deregister_plugin", "heartbeat"})


class ExecutionHistory:
    """Runs executions and keeps the last 200 of them, at most 64 MiB of results."""

    def __init__(self, engine: LocalEngine, stream: EventStream) -> None:
        self._stream = stream
        self._offset = engine.clock.monotonic() - time.monotonic()
        self._records: dict[str, ExecutionRecord] = {}
        self._changes: dict[str, Paced] = {}

    def start(self, agent: RegisteredAgent, wanted: ExecutionRequest) -> ExecutionRecord:
        """Start an execution, which runs on by itself."""
        prepared = agent.prepare(
            wanted.action,
            wanted.params,
            time_range=wanted.time_range,
            encoding=wanted.encoding,
            mode=wanted.mode,
        )
        record = ExecutionRecord(wanted=wanted, prepared=prepared, agent=agent.name)
        self._records[record.execution_id] = record
        self._changes[record.execution_id] = Paced(lambda: self._publish(record))
        self._publish(record)
        record.task = asyncio.create_task(self._run(record), name="execution")
        return record

    def find(self, execution_id: str) -> ExecutionRecord | None:
        """Return an execution that is kept, if there is one of that id."""
        return self._records.get(execution_id)

    def latest_first(self) -> Iterator[ExecutionRecord]:
        """Yield the executions that are kept, the latest first."""
        return reversed(self._records.values())

    async def cancel(self, record: ExecutionRecord) -> None:
        """Cancel an execution, and wait until it has ended here."""
        if record.task is not None and not record.task.done():
            record.task.cancel()
            await asyncio.wait({record.task})

    async def close(self) -> None:
        """Cancel all executions that run."""
        for record in tuple(self._records.values()):
            await self.cancel(record)

    def observe(self, call: ObservedCall) -> str | None:
        """Note a call of the engine; returns the execution that made it, if that is certain.

        Most messages do not say which execution they belong to. If several are running, such a
        call is shown with each of them, as one that may be another's.
        """
        if call.method in _OWN_BUSINESS:
            return None
        named = self._records.get(call.execution_id)
        if call.execution_id:
            records = [] if named is None else [named]
        else:
            records = list(self._running(call))
        for record in records:
            record.add_callback(call, self._offset, is_shared=len(records) > 1)
            if record.status == "running":
                self._changes[record.execution_id].changed()
        return records[0].execution_id if len(records) == 1 else None

    def add_partial(self, execution_id: str, partial: Json) -> None:
        """Note a partial result of an execution."""
        record = self._records.get(execution_id)
        if record is not None:
            record.add_partial(partial)

    def _running(self, call: ObservedCall) -> Iterator[ExecutionRecord]:
        for record in self._records.values():
            knows = call.number in record.callbacks
            may_be = record.status == "running" and record.agent == call.plugin_name
            if knows or (may_be and not call.ended):
                yield record

    async def _run(self, record: ExecutionRecord) -> None:
        status: ExecutionStatus = "cancelled"
        error: str | None = "cancelled on the page"
        try:
            result = await record.prepared.run(record.wanted.timeout)
            record.result = result
            status, error = _outcome(result)
        except AgentCallError as failure:
            is_late = failure.reason == "deadline_exceeded"
            is_gone = failure.status in {None, "UNAVAILABLE"} and not is_late
            status, error = ("unreachable" if is_gone else "failed"), str(failure)
        except MirastackError as failure:
            status, error = "failed", str(failure)
        except Exception as failure:  # noqa: BLE001 - the root of this task
            status, error = "failed", f"{type(failure).__name__}: {failure}"
        finally:
            record.end(status, error)
            self._changes.pop(record.execution_id).cancel()
            self._publish(record)
            self._forget_old()

    def _publish(self, record: ExecutionRecord) -> None:
        self._stream.publish("execution", record.listed())

    def _forget_old(self) -> None:
        ended = [record for record in self._records.values() if record.status != "running"]
        size = sum(record.size for record in ended)
        while len(ended) > _MOST_KEPT or (size > _MOST_BYTES and len(ended) > 1):
            oldest = ended.pop(0)
            size -= oldest.size
            del self._records[oldest.execution_id]


def partial_of(call: ObservedCall) -> Json:
    """The partial result, or the progress, that an agent publishes with a call."""
    value = call.request.get("result_json")
    progress = progress_of(value)
    return {
        "execution_id": call.execution_id,
        "at": now_utc_ms(),
        "json": shortened(value),
        "progress": None if progress is None else progress.fraction,
        "message": None if progress is None else progress.message,
    }


def _outcome(result: ExecutionResult) -> tuple[ExecutionStatus, str | None]:
    """Whether there is a result: where there is none, the model reads the reason as `error`."""
    if not result.success:
        return "failed", result.error or "the agent reports a failure without a reason"
    match result.value:
        case {"error": str(reason), **rest} if set(rest) <= {"logs"}:
            return "failed", reason
        case _:
            return "succeeded", None
