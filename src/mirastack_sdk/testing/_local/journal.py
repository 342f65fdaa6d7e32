"""What a local engine has seen so far, and waiting until it has seen something."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk.testing._recorded_calls import (
    CallPluginCall,
    LoggedEvent,
    PublishedResult,
    RequestApprovalCall,
)

__all__ = [
    "DeregistrationRecord",
    "EngineJournal",
    "HeartbeatRecord",
    "JournalView",
    "ReceivedCall",
    "RegistrationRecord",
    "Violation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCall:
    """One call of the engine, answered or not; `method` is a snake_case name."""

    method: str
    plugin_name: str
    tenant_id: str
    encoding: Encoding
    metadata: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRecord:
    """One RegisterPlugin that the engine has decided on; `error` is empty if it was accepted."""

    name: str
    version: str
    address: str
    instance_id: str
    tenant_id: str
    encoding: Encoding
    error: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the agent is registered now."""
        return not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregistrationRecord:
    """One DeregisterPlugin; `known` says whether that instance was registered."""

    name: str
    instance_id: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatRecord:
    """One Heartbeat; one that is not `known` was asked to register again."""

    name: str
    instance_id: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A call, or an agent, that breaks the contract."""

    method: str
    plugin_name: str
    text: str


class EngineJournal:
    """The calls a local engine has received, each list in the order of arrival."""

    def __init__(self) -> None:
        self.calls: list[ReceivedCall] = []
        self.registrations: list[RegistrationRecord] = []
        self.deregistrations: list[DeregistrationRecord] = []
        self.heartbeats: list[HeartbeatRecord] = []
        self.events: list[LoggedEvent] = []
        self.published: list[PublishedResult] = []
        self.approvals: list[RequestApprovalCall] = []
        self.plugin_calls: list[CallPluginCall] = []
        self.violations: list[Violation] = []
        self._changed = asyncio.Event()

    def note[T](self, entries: list[T], entry: T) -> None:
        """Add `entry` to one of the lists, and wake those who wait."""
        entries.append(entry)
        self.announce()

    def announce(self) -> None:
        """Wake those who wait: something has changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for[T](self, condition: Callable[[], T], timeout: float) -> T:
        """Return what `condition` returns as soon as that is true, asked after every change.

        Raises `TimeoutError` after `timeout` seconds, with what the engine has seen.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (outcome := condition()):
                    await self._changed.wait()
                return outcome
        except TimeoutError as error:
            raise TimeoutError(f"not so after {timeout} s; {self._summary()}") from error

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
        return f"the engine has seen {', '.join(parts)}"


class JournalView:
    """The engine's journal as tests read it; each list is in the order of arrival."""

    def __init__(self, journal: EngineJournal) -> None:
        self._journal = journal

    @property
    def calls(self) -> list[ReceivedCall]:
        """Every call, answered or not."""
        return self._journal.calls

    @property
    def registrations(self) -> list[RegistrationRecord]:
        """Every registration that was decided on, accepted or not."""
        return self._journal.registrations

    @property
    def deregistrations(self) -> list[DeregistrationRecord]:
        """Every agent that took its leave."""
        return self._journal.deregistrations

    @property
    def heartbeats(self) -> list[HeartbeatRecord]:
        """Every heartbeat, also of agents that the engine does not know."""
        return self._journal.heartbeats

    @property
    def events(self) -> list[LoggedEvent]:
        """What agents logged."""
        return self._journal.events

    @property
    def published(self) -> list[PublishedResult]:
        """The partial results that agents published."""
        return self._journal.published

    @property
    def approvals(self) -> list[RequestApprovalCall]:
        """What agents asked humans to allow."""
        return self._journal.approvals

    @property
    def plugin_calls(self) -> list[CallPluginCall]:
        """The calls that agents made of other agents."""
        return self._journal.plugin_calls

    @property
    def violations(self) -> list[Violation]:
        """Each breach of the contract by an agent."""
        return self._journal.violations

    def calls_of(self, method: str) -> list[ReceivedCall]:
        """The calls of one method, by its snake_case name."""
        return [call for call in self._journal.calls if call.method == method]

    async def wait_for[T](self, condition: Callable[[], T], timeout: float = 5.0) -> T:
        """Return what `condition` returns as soon as that is true.

        It is asked now and after every change the engine knows of. Raises `TimeoutError` after
        `timeout` seconds, with what the engine has seen.
        """
        return await self._journal.wait_for(condition, timeout)
