"""The reload of a config when the files that it is read from have changed."""

from collections.abc import Awaitable, Callable

from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import AuthorError, OverdueError
from mirastack_sdk._runtime.calls.config_updates import ConfigUpdates
from mirastack_sdk._runtime.clock import Clock

_LOG = Log("agent")

# A look costs a few microseconds for each file.
_CHECK_SECONDS = 5.0
# The backend may accept a new password only a while after the file has it.
_RETRY_SECONDS = 60.0


class ConfigReload:
    """Looks at the files every five seconds, and reloads the config if they have changed.

    `refusal` says why the author's code has refused the files as they are; it is empty if it has
    not. They are tried again a minute later.
    """

    def __init__(
        self,
        updates: ConfigUpdates,
        clock: Clock,
        describe: Callable[[AuthorError | OverdueError], str],
    ) -> None:
        self.refusal = ""
        self._updates = updates
        self._clock = clock
        self._describe = describe
        self._is_outdated: Callable[[], bool] | None = None
        self._reload: Callable[[], Awaitable[None]] | None = None

    def watch(self, is_outdated: Callable[[], bool], reload: Callable[[], Awaitable[None]]) -> None:
        """Call `reload` when `is_outdated` says that the files have changed."""
        self._is_outdated, self._reload = is_outdated, reload

    @property
    def has_files(self) -> bool:
        """Whether there are files to look at."""
        return self._is_outdated is not None

    async def run(self) -> None:
        """Reload the config until cancelled; returns at once if there are no files."""
        while self._is_outdated is not None and self._reload is not None:
            await self._clock.sleep(_RETRY_SECONDS if self.refusal else _CHECK_SECONDS)
            try:
                if self._is_outdated():
                    await self._updates.reload(self._reload)
                    _LOG.info("the config is read again, because its files have changed")
                self.refusal = ""
            except (AuthorError, OverdueError) as error:
                self.refusal = f"the config's files are refused: {self._describe(error)}"
            except Exception:  # noqa: BLE001 - a task's root
                _LOG.critical("the config could not be read again", exc_info=True)
