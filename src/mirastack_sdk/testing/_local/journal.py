"""The journal of a local engine: what it has received, and waiting for what it will receive."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._recorded_calls import (
    CallPluginCall,
    LoggedEvent,
    PublishedProgress,
    PublishedResult,
    RequestApprovalCall,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCall:
    """One call of the engine, successful or not; `method` is its name in snake_case."""

    method: str
    plugin_name: str
    tenant_id: str
    encoding: Encoding
    metadata: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRecord:
    """One RegisterPlugin after the engine's decision; `error` is empty if it was accepted."""

    name: str
    version: str
    address: str
    instance_id: str
    tenant_id: str
    encoding: Encoding
    error: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the engine registered the agent."""
        return not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregistrationRecord:
    """One DeregisterPlugin; `known` tells whether that instance was registered."""

    name: str
    instance_id: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatRecord:
    """One Heartbeat; an instance that is not `known` was asked to register again."""

    name: str
    instance_id: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A violation of the contract by an agent."""

    method: str
    plugin_name: str
    text: str


class EngineJournal:
    """Everything that a local engine has received, in order of arrival."""

    def __init__(self) -> None:
        self.calls: list[ReceivedCall] = []
        self.registrations: list[RegistrationRecord] = []
        self.deregistrations: list[DeregistrationRecord] = []
        self.heartbeats: list[HeartbeatRecord] = []
        self.events: list[LoggedEvent] = []
        self.published: list[PublishedResult] = []
        self.progress: list[PublishedProgress] = []
        self.approvals: list[RequestApprovalCall] = []
        self.plugin_calls: list[CallPluginCall] = []
        self.violations: list[Violation] = []
        self._changed = asyncio.Event()

    def record[T](self, entries: list[T], entry: T) -> None:
        """Add `entry` to one of the lists, and wake the tests that wait."""
        entries.append(entry)
        self.notify()

    def notify(self) -> None:
        """Wake the tests that wait, because something has changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for[T](self, condition: Callable[[], T], timeout: float) -> T:
        """Evaluate `condition` after every change, and return its first true result.

        Raises `TimeoutError` after `timeout` seconds, with a summary of the journal.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (result := condition()):
                    await self._changed.wait()
                return result
        except TimeoutError as error:
            raise TimeoutError(f"not true after {timeout} s; {self._summary()}") from error

    def _summary(self) -> str:
        refused = [f"{entry.name}: {entry.error}" for entry in self.registrations if entry.error]
        broken = [f"{entry.method}: {entry.text}" for entry in self.violations]
        parts = [
            f"{len(self.calls)} calls",
            f"{len(self.registrations)} registrations",
            f"{len(self.heartbeats)} heartbeats",
            f"{len(self.deregistrations)} deregistrations",
        ]
        if refused:
            parts.append(f"refused {refused[-1]!r}")
        if broken:
            parts.append(f"violated {broken[-1]!r}")
        return f"the engine has received {', '.join(parts)}"


class JournalView:
    """The journal as tests read it; each list is in order of arrival."""

    def __init__(self, journal: EngineJournal) -> None:
        self._journal = journal

    @property
    def calls(self) -> list[ReceivedCall]:
        """Every call, successful or not."""
        return self._journal.calls

    @property
    def registrations(self) -> list[RegistrationRecord]:
        """Every registration, accepted or not."""
        return self._journal.registrations

    @property
    def deregistrations(self) -> list[DeregistrationRecord]:
        """Every deregistration."""
        return self._journal.deregistrations

    @property
    def heartbeats(self) -> list[HeartbeatRecord]:
        """Every heartbeat, including those of unknown agents."""
        return self._journal.heartbeats

    @property
    def events(self) -> list[LoggedEvent]:
        """The events that agents logged."""
        return self._journal.events

    @property
    def published(self) -> list[PublishedResult]:
        """The partial results that agents published."""
        return self._journal.published

    @property
    def progress(self) -> list[PublishedProgress]:
        """The progress that agents published, at most four times a second for each execution."""
        return self._journal.progress

    @property
    def approvals(self) -> list[RequestApprovalCall]:
        """The requests for approval that agents made."""
        return self._journal.approvals

    @property
    def plugin_calls(self) -> list[CallPluginCall]:
        """The calls that agents made of other agents."""
        return self._journal.plugin_calls

    @property
    def violations(self) -> list[Violation]:
        """Each violation of the contract by an agent."""
        return self._journal.violations

    def calls_of(self, method: str) -> list[ReceivedCall]:
        """Return the calls of one method, by its name in snake_case."""
        return [call for call in self._journal.calls if call.method == method]

    async def wait_for[T](self, condition: Callable[[], T], timeout: float = 5.0) -> T:
        """Wait until `condition` returns something true, and return that.

        It is evaluated now and after everything that the engine receives. Raises `TimeoutError`
        after `timeout` seconds, with a summary of what the engine has received.
        """
        return await self._journal.wait_for(condition, timeout)
