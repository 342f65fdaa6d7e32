"""The engine's cache as the page gets it."""

from collections.abc import Iterator

from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.testing import LocalEngine

_MOST_ENTRIES = 1000
_MOST_BYTES = 16 * 1024


class CacheView:
    """The cache of the agent's tenant."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self.tenant_id = ""

    def entries(self) -> Iterator[dict[str, object]]:
        """Yield the entries in the order of their keys; long values are cut."""
        cache = self._engine.cache_of(self.tenant_id)
        for key in sorted(cache)[:_MOST_ENTRIES]:
            data = cache.get_bytes(key)
            if data is None:
                continue
            left = cache.ttl(key)
            yield {
                "key": key,
                "value": data[:_MOST_BYTES].decode(errors="replace"),
                "bytes": len(data),
                "expires_at": None if left is None else now_utc_ms() + int(left * 1000),
            }

    def set(self, key: str, value: str, ttl: float) -> None:
        """Store a value for `ttl` seconds; 0 means that it does not expire."""
        self._engine.cache_of(self.tenant_id).set(key, value, ttl)

    def delete(self, key: str) -> bool:
        """Delete an entry; returns whether there was one."""
        cache = self._engine.cache_of(self.tenant_id)
        was_there = key in cache
        cache.delete(key)
        return was_there

    def clear(self) -> None:
        """Delete every entry."""
        self._engine.cache_of(self.tenant_id).clear()
