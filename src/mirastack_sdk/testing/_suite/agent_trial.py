"""One agent that the suite calls, and all that it has answered."""

from collections.abc import Callable, Mapping
from dataclasses import field

from mirastack_sdk._core.contract.parameters import json_bytes
from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.declarations import Action, Permission
from mirastack_sdk._core.model.plugin_base import DISPATCHER, Dispatcher
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._agent_client import AgentCallError
from mirastack_sdk.testing._in_process.agent_in_process import InProcessAgent
from mirastack_sdk.testing._script import UnscriptedCallError
from mirastack_sdk.testing._suite.sample_values import made_up_params
from mirastack_sdk.testing._wire_messages import ExecutionResult

type Samples = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An action, and parameters with which it may be called; the suite may have made them up."""

    action: Action
    params: Mapping[str, object]
    is_made_up: bool

    @property
    def what(self) -> str:
        """The call in words, for an author."""
        shown = json_bytes(dict(self.params)).decode()
        source = ", which the suite made up: give `samples`" if self.is_made_up else ""
        return f"{self.action.name} with {shown}{source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A text that the agent sent, and where.

    `is_report` for an error that the author has put into a result, which the SDK does not clean.
    """

    where: str
    text: str
    is_report: bool


@dataclass(slots=True, kw_only=True)
class AgentTrial:
    """An agent that serves, the calls that the suite may make, and the answers so far."""

    checked: CheckedPlugin
    agent: InProcessAgent
    samples: Samples
    time_range: TimeRange
    timeout: float
    answers: list[Answer] = field(default_factory=list)

    def trials(self) -> list[Trial]:
        """The calls of READ actions, and of those for which the author has given samples.

        An action that changes something is never called with parameters that are made up.
        """
        return [
            self._trial(action)
            for action in self.checked.schema.actions
            if action.name in self.samples or self._only_reads(action)
        ]

    def trials_with_invalid_params(self) -> list[Trial]:
        """The calls to try invalid parameters with; typed actions never run with such."""
        return [
            self._trial(action)
            for action in self.checked.schema.actions
            if action.name in self.samples or self._only_reads(action) or self.is_typed(action)
        ]

    def unknown_samples(self) -> list[str]:
        """A sentence for each sample of an action that does not exist."""
        names = [action.name for action in self.checked.schema.actions]
        known = ", ".join(names)
        return [
            f"`samples` names the action {name!r}; the agent's actions are {known}"
            for name in self.samples
            if name not in names
        ]

    def is_typed(self, action: Action) -> bool:
        """Whether the SDK converts the action's parameters."""
        plugin = self.checked.plugin
        dispatcher = getattr(plugin.execute, DISPATCHER, None)
        if not isinstance(dispatcher, Dispatcher):
            return False
        runners: Callable[[str], object] = dispatcher.runners(plugin)
        return runners(action.name) is not None

    async def call(
        self,
        action: str,
        params: Mapping[str, object],
        *,
        has_range: bool = True,
        encoding: Encoding | None = None,
    ) -> ExecutionResult:
        """Run an action, and remember what it answers; raises nothing for one that fails."""
        time_range = self.time_range if has_range else None
        try:
            found = await self.agent.execute(
                action, params, time_range=time_range, encoding=encoding, timeout=self.timeout
            )
        except AgentCallError as error:
            return ExecutionResult(execution_id="", success=False, error=str(error))
        except UnscriptedCallError as error:
            raise AssertionError(f"{error}, in the method `engine` of the suite") from None
        self._note(action, found)
        return found

    async def health(self) -> tuple[bool, str]:
        """Run the health check; returns whether the agent is healthy, and its message."""
        try:
            health = await self.agent.health(timeout=self.timeout)
        except AgentCallError as error:
            return False, str(error)
        self.note("the health message", health.message)
        for name, text in health.details.items():
            self.note(f"the health detail {name!r}", text)
        return health.healthy, health.message

    async def push_config(self, config: Mapping[str, str]) -> tuple[bool, str]:
        """Push a config; returns whether it was acknowledged, and why not."""
        try:
            answer = await self.agent.push_config(config, timeout=self.timeout)
        except AgentCallError as error:
            return False, str(error)
        self.note("the response to a config", answer.error)
        return answer.acknowledged, answer.error

    def note(self, where: str, text: str, *, is_report: bool = False) -> None:
        """Remember a text that the agent sent."""
        if text:
            self.answers.append(Answer(where=where, text=text, is_report=is_report))

    def note_engine_calls(self) -> None:
        """Remember what the agent has sent to the engine for people to see."""
        for event in self.agent.engine.events:
            for name, text in event.data.items():
                self.note(f"{name!r} of the event {event.event!r}", str(text))
        for partial in self.agent.engine.published:
            self.note("a partial result", partial.partial_json)

    def _trial(self, action: Action) -> Trial:
        given = self.samples.get(action.name)
        made_up = made_up_params(action)
        return Trial(
            action=action,
            params=made_up if given is None else given,
            is_made_up=given is None and bool(made_up),
        )

    def _only_reads(self, action: Action) -> bool:
        permission = action.permission or self.checked.info.permission
        return permission is Permission.READ

    def _note(self, action: str, found: ExecutionResult) -> None:
        self.note(f"the error of {action}", found.error)
        for line in found.logs:
            self.note(f"the logs of {action}", line)
        for name, text in found.output.items():
            # Beside log lines, the error is one of them.
            is_report = name == "error" and not found.logs
            self.note(f"{name!r} in the result of {action}", text, is_report=is_report)
