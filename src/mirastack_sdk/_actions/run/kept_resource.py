"""One resource of an agent, from its opening to its end."""

import asyncio
import contextvars
import weakref
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from mirastack_sdk._log import Log

_LOG = Log("agent")

type Open = Callable[[AsyncExitStack, "KeptResource"], Awaitable[object]]
"""Opens a resource, for the one that keeps it; what must be closed goes onto the stack."""


class ResourceEndedError(Exception):
    """A resource that was cancelled while it was being opened; the text names it."""


class KeptResource:
    """Opens a resource, keeps it until it is closed, and notices an end that nobody asked for.

    It has a task of its own: a context must be left in the task that entered it, and one that hangs
    or ends concerns no other. `on_open` is called when it is open, `on_end` when it has ended.
    """

    def __init__(
        self,
        name: str,
        open_resource: Open,
        *,
        on_open: Callable[["KeptResource"], object],
        on_end: Callable[["KeptResource"], object],
    ) -> None:
        self.name = name
        self.error: BaseException | None = None
        """What ended it, if anything did."""
        self.is_closing = False
        self._open_resource = open_resource
        self._on_open = on_open
        self._on_end = on_end
        self._closing = asyncio.Event()
        self._opened: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        # Resources that were opened with this one.
        self._dependents = weakref.WeakSet[KeptResource]()
        # In an empty context: the resource outlives the call that needs it first.
        self._task = asyncio.create_task(
            self._keep(), name="mirastack-resource", context=contextvars.Context()
        )

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        opened = self._opened
        return opened.done() and not opened.cancelled() and opened.exception() is None

    async def value(self, dependent: "KeptResource | None" = None) -> object:
        """The resource, once it is open; raises what its opening raises.

        `dependent` is a resource that is opened with it.
        """
        if dependent is not None:
            self._dependents.add(dependent)
        # When this caller is cancelled, others still wait.
        return await asyncio.shield(self._opened)

    def request_close(self) -> None:
        """Close it soon; an opening is cancelled."""
        self.is_closing = True
        self._closing.set()
        if not self._opened.done():
            self._task.cancel()

    async def close(self) -> None:
        """Close it; a failure is logged. When this is cancelled, so is the closing."""
        self.request_close()
        try:
            await asyncio.wait((self._task,))
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Cancel what is left of it, without waiting."""
        self.is_closing = True
        self._task.cancel()

    async def _keep(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                self._opened.set_result(await self._open_resource(stack, self))
                self._on_open(self)
                await self._closing.wait()
        except BaseException as error:  # noqa: BLE001 - the author's code, whatever it raises
            self.error = error
        self._fail_waiters()
        self._report()
        if self.is_open:
            for dependent in list(self._dependents):
                dependent.request_close()
        self._on_end(self)

    def _fail_waiters(self) -> None:
        if self._opened.done():
            return
        if not isinstance(self.error, asyncio.CancelledError):
            self._opened.set_exception(self.error or ResourceEndedError(f"{self.name} has ended"))
        elif self.is_closing:
            self._opened.cancel()
            return
        else:
            ended = ResourceEndedError(f"{self.name} was cancelled while it was being opened")
            ended.__cause__ = self.error
            self._opened.set_exception(ended)
        # Perhaps nobody waits any more, and asyncio need not report that.
        self._opened.exception()

    def _report(self) -> None:
        if not self.is_open:
            return
        if not self.is_closing:
            _LOG.error("%s has ended while the agent runs", self.name, exc_info=self.error)
        elif self.error is not None and not isinstance(self.error, asyncio.CancelledError):
            _LOG.error("a resource of the agent could not be closed", exc_info=self.error)
