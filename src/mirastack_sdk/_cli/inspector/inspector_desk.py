"""The inspector's desk: the state of the engine and of the agent, and every change of it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from typing import Literal

from mirastack_sdk._cli.inspector.agent_config import AgentConfig
from mirastack_sdk._cli.inspector.agent_view import ActionSchemas, agent_view
from mirastack_sdk._cli.inspector.approval_desk import (
    ApprovalDesk,
    ApprovalRecord,
)
from mirastack_sdk._cli.inspector.cache_view import CacheView
from mirastack_sdk._cli.inspector.event_stream import EventStream
from mirastack_sdk._cli.inspector.execution_history import ExecutionHistory, partial_of
from mirastack_sdk._cli.inspector.log_line import LogLine
from mirastack_sdk._cli.inspector.pacing import Paced
from mirastack_sdk._cli.inspector.shortening import shortened
from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.testing import (
    AgentHealth,
    LocalEngine,
    ObservedCall,
    RegisteredAgent,
    Violation,
)

type Json = dict[str, object]
type ReloadStatus = Literal["starting", "running", "failed", "stopped"]

_MOST_LOGS = 1000
_MOST_EVENTS = 1000
_MOST_LISTED = 200
# The engine's own journal, which nobody reads here.
_MOST_JOURNAL = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadState:
    """Where the agent's process is; `error` says why it does not run."""

    status: ReloadStatus = "starting"
    count: int = 0
    error: str | None = None
    changed_at: int = 0

    @property
    def headline(self) -> str:
        """The line of `error` that says it all; tracebacks and lists have indented lines, too."""
        lines = (self.error or "").strip().splitlines()
        plain = [line for line in lines if not line[:1].isspace()]
        return plain[-1].rstrip(":") if plain else ""

    def shown(self) -> Json:
        """The state as the page gets it."""
        return {
            "status": self.status,
            "count": self.count,
            "error": self.error,
            "changed_at": self.changed_at,
        }


def _do_nothing(_: object) -> None:
    pass


class InspectorDesk:
    """Everything that the page shows and changes; it outlives the agent's reloads.

    `target` is what the author typed. `on_approval` is told of each request for approval and of its
    decision, `on_change` when the agent's process changes, and `on_reload` that someone wants the
    agent to be restarted.
    """

    def __init__(
        self,
        engine: LocalEngine,
        target: str,
        *,
        policy: ApprovalPolicy = "ask",
        config: Mapping[str, str] | None = None,
        on_approval: Callable[[ApprovalRecord], object] = _do_nothing,
        on_change: Callable[[ReloadState], object] = _do_nothing,
    ) -> None:
        self.stream = EventStream()
        self.history = ExecutionHistory(engine, self.stream)
        self.approvals = ApprovalDesk(policy, self.stream, on_approval)
        self.cache = CacheView(engine)
        self.config = AgentConfig(engine, config or {})
        self.reload = ReloadState(changed_at=now_utc_ms())
        self.on_reload: Callable[[], object] = lambda: None
        self._on_change = on_change
        self._engine = engine
        self._target = target
        self._agent: RegisteredAgent | None = None
        self._schemas: ActionSchemas = {}
        self._health: Json | None = None
        self._logs: deque[Json] = deque(maxlen=_MOST_LOGS)
        self._events: deque[Json] = deque(maxlen=_MOST_EVENTS)
        self._violations = 0
        self._cache_change = Paced(self.publish_cache)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Watch the engine, and decide its requests for approval, during the block."""
        self._engine.answer_approvals(self.approvals.decide)
        with self._engine.observe(self._observe):
            try:
                yield
            finally:
                self._cache_change.cancel()
                self.stream.close()

    @property
    def agent(self) -> RegisteredAgent | None:
        """The agent that is registered, if there is one."""
        return self._agent

    def state(self) -> Json:
        """Everything that the page shows."""
        records = islice(self.history.latest_first(), _MOST_LISTED)
        return {
            "target": self._target,
            "sdk_version": version("mirastack-agents-sdk-python"),
            "engine_address": self._engine.address,
            "reload": self.reload.shown(),
            "agent": None if self._agent is None else agent_view(self._agent, self._schemas),
            "health": self._health,
            "config": self.config.shown(),
            "cache": list(self.cache.entries()),
            "approvals": [record.shown() for record in self.approvals.records()],
            "executions": [record.listed() for record in records],
            "logs": list(self._logs),
            "events": list(self._events),
            "violations": [_violation(one) for one in self._engine.violations[-_MOST_LISTED:]],
        }

    def set_reload(
        self, status: ReloadStatus, error: str | None = None, *, is_new: bool = False
    ) -> None:
        """Note where the agent's process is; `is_new` counts a reload."""
        count = self.reload.count + is_new
        self.reload = ReloadState(status=status, count=count, error=error, changed_at=now_utc_ms())
        if status != "running":
            self._agent = None
            self._health = None
        self.stream.publish("reload", self.reload.shown())
        self._on_change(self.reload)

    def add_log(self, line: LogLine) -> None:
        """Note a line of the agent's log."""
        shown = line.shown()
        self._logs.append(shown)
        self.stream.publish("log", shown)

    def set_schemas(self, schemas: ActionSchemas) -> None:
        """Note what the agent's process knows of its actions beyond what it tells engines."""
        self._schemas = schemas
        if self._agent is not None:
            self.stream.publish("state", self.state())

    async def check_health(self, agent: RegisteredAgent) -> Json:
        """Run the agent's health check; returns what the page shows of it."""
        self._note_health(await agent.health())
        assert self._health is not None  # noqa: S101 - has just been set
        self.stream.publish("health", self._health)
        return self._health

    def publish_cache(self) -> None:
        """Send the cache to the open pages."""
        self.stream.publish("cache", list(self.cache.entries()))

    def publish_config(self) -> None:
        """Send the config to the open pages."""
        self.stream.publish("config", self.config.shown())

    def _note_health(self, health: AgentHealth) -> None:
        self._health = {
            "healthy": health.healthy,
            "message": health.message,
            "details": health.details,
            "checked_at": now_utc_ms(),
        }

    def _observe(self, call: ObservedCall) -> None:
        shown = self._without_secrets(call)
        execution_id = self.history.observe(shown)
        if call.ended:
            self._publish_violations()
            self._ended(call)
        elif call.method == "publish_result":
            partial = partial_of(call)
            self.history.add_partial(call.execution_id, partial)
            self.stream.publish("partial", partial)
        elif call.method == "log_event":
            self._add_event(call, execution_id)

    def _ended(self, call: ObservedCall) -> None:
        match call.method, call.response:
            case "cache_set", {"success": True}:
                self._cache_change.changed()
            case "register_plugin", {"success": True}:
                self._know_agent(self._engine.agent(call.plugin_name))
            case "register_plugin", {"error": str(reason)}:
                self.set_reload("failed", f"the engine refuses the agent: {reason}")
            case "deregister_plugin", _ if self._is_known(call.request):
                self.set_reload("stopped")
            case _:
                pass

    def _is_known(self, request: Mapping[str, object]) -> bool:
        return self._agent is not None and self._agent.instance_id == request.get("instance_id")

    def _know_agent(self, agent: RegisteredAgent) -> None:
        self._agent = agent
        self.config.know(agent)
        self.cache.tenant_id = agent.tenant_id
        self._note_health(agent.introduction.health)
        self.set_reload("running")
        self.stream.publish("state", self.state())

    def _add_event(self, call: ObservedCall, execution_id: str | None) -> None:
        names = {"event": "event_type", "severity": "severity", "data": "data_json"}
        fields = {name: shortened(call.request.get(field)) for name, field in names.items()}
        event: Json = {"at": now_utc_ms(), "execution_id": execution_id, "fields": fields}
        self._events.append(event)
        self.stream.publish("event", event)

    def _without_secrets(self, call: ObservedCall) -> ObservedCall:
        match call.response:
            case {"config": dict(config), "version": shown_version}:
                masked = self.config.masked(config)
                return replace(call, response={"config": masked, "version": shown_version})
            case _:
                return call

    def _publish_violations(self) -> None:
        for one in self._engine.violations[self._violations :]:
            self.stream.publish("violation", _violation(one))
        self._violations = len(self._engine.violations)
        engine = self._engine
        for entries in (engine.calls, engine.published, engine.progress, engine.events):
            del entries[:-_MOST_JOURNAL]


def _violation(violation: Violation) -> str:
    return f"{violation.method}: {violation.text}"
