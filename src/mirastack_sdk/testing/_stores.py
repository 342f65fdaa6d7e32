"""The stores of a fake engine: cache entries, the config of each agent, and KPIs."""

from collections.abc import Iterator, Mapping, Sequence

from mirastack_sdk._core.model.engine_api import KPI
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    expires_at: float | None


class FakeCache:
    """The engine's cache; entries expire by `clock`."""

    def __init__(self, clock: Clock, seed: Mapping[str, str] | None = None) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        for key, value in (seed or {}).items():
            self.set(key, value)

    def set(self, key: str, value: str | bytes, ttl: float = 0) -> None:
        """Store `value` for `ttl` seconds; 0 means that it does not expire."""
        data = value.encode() if isinstance(value, str) else value
        self._entries[key] = _Entry(data, self._clock.monotonic() + ttl if ttl else None)

    def get(self, key: str) -> str | None:
        """Return the value as text, or `None` if there is none or it has expired."""
        data = self.get_bytes(key)
        return None if data is None else data.decode()

    def get_bytes(self, key: str) -> bytes | None:
        """Return the value as bytes, or `None` if there is none or it has expired."""
        entry = self._live(key)
        return None if entry is None else entry.data

    def ttl(self, key: str) -> float | None:
        """Return the seconds until `key` expires, or `None` if it does not expire.

        Raises `KeyError` if there is no such key.
        """
        entry = self._live(key)
        if entry is None:
            raise KeyError(key)
        return None if entry.expires_at is None else entry.expires_at - self._clock.monotonic()

    def delete(self, key: str) -> None:
        """Delete `key`, if it exists."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Delete every key."""
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


class AgentConfigs:
    """The config of each agent; `version` counts the changes."""

    def __init__(self) -> None:
        self.version: int = 1
        self._configs: dict[str, dict[str, str]] = {}
        self._sent: dict[str, dict[str, str]] = {}

    def store(self, plugin: str, config: Mapping[str, str]) -> int:
        """Replace the config of an agent, and return its version."""
        self._configs[plugin] = self._sent[plugin] = dict(config)
        self.version += 1
        return self.version

    def version_of(self, plugin: str, config: Mapping[str, str]) -> int:
        """Return the version of an agent's config, a new one if it has changed since the last."""
        if self._sent.get(plugin, config) != config:
            self.version += 1
        self._sent[plugin] = dict(config)
        return self.version

    def find(self, plugin: str) -> dict[str, str] | None:
        """Return the config that was stored for an agent, if any."""
        return self._configs.get(plugin)


def kpis_of(kpis: Sequence[KPI], *, kind: str, layer: str) -> list[KPI]:
    """The KPIs of one kind and layer; an empty string means any."""
    return [kpi for kpi in kpis if kind in {"", kpi.kind} and layer in {"", kpi.layer}]


def kpi_of(kpis: Sequence[KPI], kpi_id: str) -> KPI | None:
    """The KPI with that id, if there is one."""
    return next((kpi for kpi in kpis if kpi.id == kpi_id), None)


def kpis_of_tenant(kpis: Sequence[KPI], tenant_id: str) -> list[KPI]:
    """The KPIs of the tenant, and those without a tenant."""
    return [kpi for kpi in kpis if kpi.tenant_id in {"", tenant_id}]
