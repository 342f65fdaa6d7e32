"""The records of actions that dashboards use: the span `agent.action`, a counter and a histogram.

The names are those of the platform's other SDKs.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mirastack_sdk._core.redaction.clean import clean
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.telemetry.call_spans import Api

if TYPE_CHECKING:
    from opentelemetry.context import Context

COMPONENT_KIND = "mirastack.component_kind"
AGENT = "agent"

# What callers choose freely must neither fill a span nor make a time series each.
LONGEST_MARK = 256
OTHER_ACTION = "_OTHER"

# In seconds. Actions query backends: they take longer than most calls.
ACTION_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
UNRESOLVED = "unresolved"


class ActionRun:
    """One execution while it runs: an error until `finished` says otherwise."""

    def __init__(self) -> None:
        self.has_succeeded = False
        self.output_bytes = 0
        self.text = ""

    def finished(self, response: wire.ExecuteResponse) -> None:
        """Take note of the response."""
        self.has_succeeded = response.success
        self.output_bytes = len(response.result_json)
        self.text = clean(response.error)


class ActionRecords:
    """Records the executions of one agent.

    `permissions` holds the permission of each declared action; others share one time series.
    """

    def __init__(
        self, api: Api, plugin: str, permissions: Mapping[str, str], tenant_id: str
    ) -> None:
        self._api = api
        self._plugin = plugin
        self._permissions = permissions
        self._labels = {
            "plugin": plugin,
            COMPONENT_KIND: AGENT,
            "tenant_id": tenant_id or UNRESOLVED,
        }
        self._count = api.meter.create_counter(
            "mirastack_agent_actions_total", description="Actions that were run."
        )
        self._latency = api.meter.create_histogram(
            "mirastack_agent_action_latency_seconds",
            unit="s",
            description="How long actions take.",
            explicit_bucket_boundaries_advisory=ACTION_BOUNDS,
        )

    def label_of(self, action: str) -> str:
        """The name of `action` in metrics: only what the agent declares has a name there."""
        return action if action in self._permissions else OTHER_ACTION

    @contextmanager
    def recorded(
        self, action: str, input_bytes: int, parent: "Context"
    ) -> "Iterator[tuple[Context, ActionRun]]":
        """Record one execution while it is entered; gives the context that holds its span."""
        span = self._api.tracer.start_span(
            "agent.action",
            context=parent,
            attributes={
                "agent.plugin": self._plugin,
                "agent.action": action[:LONGEST_MARK],
                "agent.permission": self._permissions.get(action, ""),
                "agent.input_bytes": input_bytes,
            },
        )
        context, run = self._api.with_span(span, parent), ActionRun()
        started = time.perf_counter()
        try:
            yield context, run
        finally:
            seconds = time.perf_counter() - started
            outcome = "ok" if run.has_succeeded else "error"
            span.set_attributes(
                {
                    "agent.outcome": outcome,
                    "agent.output_bytes": run.output_bytes,
                    "agent.latency_ms": round(seconds * 1000, 3),
                }
            )
            if not run.has_succeeded:
                span.set_status(self._api.error, run.text)
            labels = {**self._labels, "action": self.label_of(action), "outcome": outcome}
            self._count.add(1, labels, context)
            self._latency.record(seconds, labels, context)
            span.end()
