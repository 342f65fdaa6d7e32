"""What a test may ask a local engine about what it has seen."""

from collections.abc import Callable

from mirastack_sdk.testing.journal import (
    DeregistrationRecord,
    EngineJournal,
    HeartbeatRecord,
    ReceivedCall,
    RegistrationRecord,
    Violation,
)
from mirastack_sdk.testing.records import (
    CallPluginCall,
    LoggedEvent,
    PublishedResult,
    RequestApprovalCall,
)

__all__ = ["JournalView"]


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
