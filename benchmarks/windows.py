"""The flow-control windows of a client that has one stream."""

from dataclasses import dataclass

from benchmarks.frames import DEFAULT_WINDOW, FRAME_BYTES, Setting, read_settings


@dataclass(slots=True)
class Windows:
    """How much may be sent on the connection and on its one stream."""

    connection: int = DEFAULT_WINDOW
    stream: int = DEFAULT_WINDOW
    initial: int = DEFAULT_WINDOW

    def take(self, wanted: int) -> int:
        """Use up at most so much of the windows; return how much."""
        credit = max(0, min(wanted, FRAME_BYTES, self.connection, self.stream))
        self.connection -= credit
        self.stream -= credit
        return credit

    def take_whole(self, wanted: int, size: int) -> int:
        """Use up the windows for at most so many messages of a size; return for how many."""
        count = max(0, min(wanted, self.connection // size, self.stream // size))
        self.connection -= count * size
        self.stream -= count * size
        return count

    def on_settings(self, payload: bytes) -> None:
        """Apply the peer's initial window."""
        initial = read_settings(payload).get(Setting.INITIAL_WINDOW_SIZE, self.initial)
        self.stream += initial - self.initial
        self.initial = initial

    def on_update(self, stream: int, payload: bytes) -> None:
        """Apply WINDOW_UPDATE."""
        credit = int.from_bytes(payload)
        if stream == 0:
            self.connection += credit
        else:
            self.stream += credit
