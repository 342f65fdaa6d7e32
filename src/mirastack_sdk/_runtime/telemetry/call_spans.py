"""The records of single calls in OpenTelemetry: a span, a duration, and a count of failures."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from typing import TYPE_CHECKING

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.telemetry.call_outcomes import Outcome

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import Meter
    from opentelemetry.propagators.textmap import TextMapPropagator
    from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

# In seconds, as OpenTelemetry's conventions for RPC have them.
CALL_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_NO_MARKS: Mapping[str, str | bool] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The parts of OpenTelemetry that recording a call needs."""

    tracer: "Tracer"
    meter: "Meter"
    propagator: "TextMapPropagator"
    server: "SpanKind"
    client: "SpanKind"
    error: "StatusCode"
    with_span: "Callable[[Span, Context | None], Context]"
    attach: "Callable[[Context], Token[Context]]"
    detach: "Callable[[Token[Context]], None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The subject of a call: `marks` go to its span, `action` to its metrics."""

    marks: Mapping[str, str]
    action: str = ""


class Calls:
    """The calls in one direction, of one service."""

    def __init__(
        self,
        api: Api,
        kind: "SpanKind",
        service: str,
        attributes: Mapping[str, str | int],
        outcome_of: Callable[[BaseException], Outcome],
    ) -> None:
        self._api = api
        self._kind = kind
        self._service = service
        self._attributes = {"rpc.system.name": "grpc", **attributes}
        self._outcome_of = outcome_of
        side = kind.name.lower()
        self._duration = api.meter.create_histogram(
            f"rpc.{side}.call.duration",
            unit="s",
            description="How long calls take.",
            explicit_bucket_boundaries_advisory=CALL_BOUNDS,
        )
        self._failures = api.meter.create_counter(
            f"mirastack.{side}.call.failures",
            unit="{call}",
            description="Calls that failed, or whose response reports a failure.",
        )

    @contextmanager
    def recorded(
        self,
        method: str,
        subject: Subject,
        parent: "Context | None" = None,
        *,
        span_name: str = "",
        marks: Mapping[str, str | bool] = _NO_MARKS,
    ) -> "Iterator[tuple[Context, Outcome]]":
        """Record one call while it is entered.

        Yields the context that holds its span, and the outcome, which a response may change. The
        span has the method's name, or `span_name`; `marks` go to the span, and to no call made
        meanwhile.
        """
        name = f"{self._service}/{method}"
        attributes = {**self._attributes, "rpc.method": name}
        span = self._api.tracer.start_span(
            span_name or name,
            context=parent,
            kind=self._kind,
            attributes={**attributes, **subject.marks, **marks},
        )
        context = self._api.with_span(span, parent)
        outcome = Outcome()
        started = time.perf_counter()
        try:
            yield context, outcome
        except BaseException as error:
            outcome = self._outcome_of(error)
            raise
        finally:
            ending = self._ending(span, outcome)
            if subject.action:
                ending["mirastack.action"] = subject.action
            self._measure(time.perf_counter() - started, attributes | ending, context)
            span.end()

    def _ending(self, span: "Span", outcome: Outcome) -> dict[str, str | int]:
        attributes: dict[str, str | int] = {"rpc.response.status_code": outcome.status}
        if outcome.error_type:
            attributes["error.type"] = outcome.error_type
            span.set_status(self._api.error, outcome.text)
        span.set_attributes({**attributes, **outcome.marks})
        return attributes

    def _measure(
        self, seconds: float, attributes: Mapping[str, str | int], context: "Context"
    ) -> None:
        self._duration.record(seconds, attributes, context)
        if "error.type" in attributes:
            self._failures.add(1, attributes, context)
