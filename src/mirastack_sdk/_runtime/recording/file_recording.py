"""The recording of executions into files, for which no call waits."""

import asyncio
from functools import partial

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._log import Log, RateLimitedLog
from mirastack_sdk._runtime.agent_service import AgentService
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk._runtime.connection_security.protection import Protection
from mirastack_sdk._runtime.engine_access.engine_config import ConfigCache, Notice
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._runtime.recording.execution_capture import (
    CapturedExecution,
    CapturingConfigCache,
    CapturingLink,
    CapturingService,
)
from mirastack_sdk._runtime.recording.recorded_form import RecordedAgent, recorded_agent
from mirastack_sdk._runtime.recording.recording_folder import RecordingFolder, file_name
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry
from mirastack_sdk._threads import SerialThread
from mirastack_sdk._wire.client.pool import ConnectionOptions
from mirastack_sdk._wire.socket.dialing import reason_of
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("recording")

_MOST_FILES = 1_000
_MOST_FOLDER_BYTES = 256 * 1024 * 1024
_MOST_CALLS = 5_000
# What running executions and those that wait to be written may hold together.
_MOST_HELD = 64 * 1024 * 1024
_MOST_WAITING = 100


class FileRecording:
    """Records each execution of an agent in a file of its own in `folder`."""

    def __init__(self, agent: RecordedAgent, folder: RecordingFolder, clock: Clock) -> None:
        self._agent = agent
        self._folder = folder
        self._clock = clock
        self._thread: SerialThread | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._held = 0
        self._dropped = RateLimitedLog(_LOG)
        # How many executions were lost, in all and since one could be written.
        self._lost_in_all = 0
        self._lost = 0

    def link(
        self,
        settings: Settings,
        plugin_name: str,
        telemetry: Telemetry | None,
        protection: Protection,
        clock: Clock,
        options: ConnectionOptions | None,
    ) -> EngineLink:
        """See `Recording`."""
        return CapturingLink(
            settings, plugin_name, telemetry, protection, clock=clock, options=options
        )

    def config_cache(self, ttl: float, clock: Clock, *, notice: Notice) -> ConfigCache:
        """See `Recording`."""
        return CapturingConfigCache(ttl, clock, notice=notice)

    def observed(self, service: AgentService) -> PluginServiceBase:
        """See `Recording`."""
        return CapturingService(service, self, self._clock)

    def is_wanted(self) -> bool:
        """Whether there is room for another execution; if not, it is logged."""
        if self._held < _MOST_HELD and len(self._waiting) < _MOST_WAITING:
            return True
        self._lost_in_all += 1
        self._dropped.write(
            "dropped",
            "an execution is not recorded: %d are waiting to be written, and %d bytes are held",
            len(self._waiting),
            self._held,
        )
        return False

    def take(self, size: int, calls: int) -> bool:
        """Whether there is room for `size` bytes more in an execution with so many calls."""
        if calls >= _MOST_CALLS or self._held + size > _MOST_HELD:
            return False
        self._held += size
        return True

    def grow(self, size: int) -> None:
        """Note that so many bytes more are held."""
        self._held += size

    def give_back(self, size: int) -> None:
        """Note that so many bytes are no longer held."""
        self._held -= size

    def ended(self, execution: CapturedExecution) -> None:
        """Write an execution soon after its response has been sent."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(written)
        written.add_done_callback(lambda _: self._on_written(execution.size, written))
        asyncio.get_running_loop().call_soon(self._start_writing, execution, written)

    async def close(self, timeout: float) -> None:
        """Write what is left to write, within `timeout` seconds."""
        if self._waiting:
            await asyncio.wait(self._waiting, timeout=timeout)
        lost = self._lost_in_all + len(self._waiting)
        if lost:
            _LOG.warning("executions were not recorded (%d)", lost)
        if self._thread is not None:
            self._thread.end()

    def _start_writing(self, execution: CapturedExecution, written: asyncio.Future[None]) -> None:
        try:
            if self._thread is None:
                self._thread = SerialThread(name="mirastack-recording")
            done = self._thread.submit(partial(self._write, execution))
        except RuntimeError as error:
            # The system has no thread left.
            written.set_exception(error)
            return
        done.add_done_callback(partial(_hand_over, written))

    def _write(self, execution: CapturedExecution) -> None:
        request = execution.request
        name = file_name(execution.started, request.action_id, request.execution_id)
        _, text = self._agent.written(execution)
        self._folder.write(name, text)

    def _on_written(self, size: int, written: asyncio.Future[None]) -> None:
        self._waiting.discard(written)
        self.give_back(size)
        error = written.exception()
        if error is None:
            if self._lost:
                _LOG.info("executions are recorded again; lost: %d", self._lost)
            self._lost = 0
            return
        self._lost += 1
        self._lost_in_all += 1
        if self._lost == 1:
            reason = reason_of(error) if isinstance(error, OSError) else repr(error)
            _LOG.warning(
                "executions cannot be recorded in MIRASTACK_RECORD=%s: %s",
                self._folder.path,
                reason,
                exc_info=None if isinstance(error, OSError) else error,
            )


def open_recording(
    agent: CheckedPlugin, secrets: KnownSecrets, clock: Clock, *, path: str
) -> FileRecording:
    """Record the executions of an agent in the folder `path`.

    Raises `ConfigurationError` if it is no folder. One that cannot be created is only logged.
    """
    folder = RecordingFolder(path, most_files=_MOST_FILES, most_bytes=_MOST_FOLDER_BYTES)
    try:
        folder.prepare()
        folder.remove_unfinished()
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigurationError(
            f'MIRASTACK_RECORD must be a folder, got "{path}": it is a file, or lies in one'
        ) from error
    except OSError as error:
        _LOG.warning(
            "executions cannot be recorded yet in MIRASTACK_RECORD=%s: %s",
            folder.path,
            reason_of(error),
        )
    else:
        _LOG.info("executions are recorded", extra={"folder": folder.path})
    return FileRecording(recorded_agent(agent, secrets), folder, clock)


def _hand_over(target: asyncio.Future[None], done: asyncio.Future[None]) -> None:
    error = None if done.cancelled() else done.exception()
    if target.done():
        return
    if error is None:
        target.set_result(None)
    else:
        target.set_exception(error)
