"""The recorder that hands each call to several others."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from mirastack_sdk._gen.services import PluginServiceBase
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry


class CombinedRecorder(Telemetry):
    """Records each call with all of `recorders`; the first one is the innermost."""

    def __init__(self, recorders: Sequence[Telemetry]) -> None:
        self._recorders = recorders

    def observed(self, service: PluginServiceBase) -> PluginServiceBase:
        """Return `service`, with every call that it serves recorded by all."""
        for recorder in self._recorders:
            service = recorder.observed(service)
        return service

    @contextmanager
    def calling(self, method: str, metadata: dict[str, str]) -> Iterator[None]:
        """Record a call of the engine with all while it is entered."""
        with ExitStack() as entered:
            for recorder in reversed(self._recorders):
                entered.enter_context(recorder.calling(method, metadata))
            yield

    async def close(self, timeout: float) -> None:
        """Send what is left to send, each within `timeout` seconds."""
        for recorder in self._recorders:
            await recorder.close(timeout)


def combined(*recorders: Telemetry | None) -> Telemetry | None:
    """Return what records with all that are not `None`; `None` if there is none."""
    given = [recorder for recorder in recorders if recorder is not None]
    if len(given) > 1:
        return CombinedRecorder(given)
    return given[0] if given else None
