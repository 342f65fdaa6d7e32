"""The test's clock, which also remembers how long each sleep was to be."""

from mirastack_sdk.testing import ManualClock


class RecordingClock(ManualClock):
    """`sleeps` holds the seconds of every sleep, in the order they began."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Sleep, and remember for how long."""
        self.sleeps.append(seconds)
        await super().sleep(seconds)
