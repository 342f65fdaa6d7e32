"""The cache of a fake engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mirastack_sdk._runtime.clock import Clock

__all__ = ["FakeCache"]


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    expires_at: float | None


class FakeCache:
    """Values under keys, each for as long as its time to live on `clock`."""

    def __init__(self, clock: Clock, seed: Mapping[str, str] | None = None) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        for key, value in (seed or {}).items():
            self.set(key, value)

    def set(self, key: str, value: str | bytes, ttl: float = 0) -> None:
        """Keep `value` for `ttl` seconds; 0 means no expiry."""
        data = value.encode() if isinstance(value, str) else value
        self._entries[key] = _Entry(data, self._clock.monotonic() + ttl if ttl else None)

    def get(self, key: str) -> str | None:
        """The value under `key` as text, or `None` when there is none or it has expired."""
        data = self.get_bytes(key)
        return None if data is None else data.decode()

    def get_bytes(self, key: str) -> bytes | None:
        """The value under `key` as bytes, or `None` when there is none or it has expired."""
        entry = self._live(key)
        return None if entry is None else entry.data

    def ttl(self, key: str) -> float | None:
        """How many seconds `key` has left; `None` when it does not expire.

        Raises `KeyError` when there is no such key.
        """
        entry = self._live(key)
        if entry is None:
            raise KeyError(key)
        return None if entry.expires_at is None else entry.expires_at - self._clock.monotonic()

    def delete(self, key: str) -> None:
        """Forget `key`, if it is there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget every key."""
        self._entries.clear()

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._live(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter([key for key in list(self._entries) if key in self])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _live(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at is not None and entry.expires_at <= self._clock.monotonic():
            del self._entries[key]
            return None
        return entry
