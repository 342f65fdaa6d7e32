"""What a local engine knows beyond a mock: tenants, and a configuration for each agent."""

from collections.abc import Collection, Mapping

from mirastack_sdk._core.engine_types import KPI, License
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.testing.cache import FakeCache
from mirastack_sdk.testing.script import EngineScript

__all__ = ["LocalScript"]

_ACTIVE_LICENSE = License(active=True, effective_tier="enterprise", issued_tier="enterprise")


class LocalScript(EngineScript):
    """Answers for many agents and tenants.

    `tenants` are those that are active, `None` for whichever an agent names; it may be changed at
    any time. `config` is for agents that no other configuration was pushed to. Each tenant has its
    own cache: `cache` is that of the only tenant, or of agents without one. Agents are told to
    heartbeat every `heartbeat_interval` seconds, 0 for as they please, and of the `license`.
    """

    def __init__(
        self, *, clock: Clock, tenants: Collection[str] | None, heartbeat_interval: int
    ) -> None:
        super().__init__(clock=clock)
        self.license: License | None = _ACTIVE_LICENSE
        self.tenants = None if tenants is None else set(tenants)
        self.heartbeat_interval = heartbeat_interval
        self._cache_clock = clock
        home = next(iter(tenants)) if tenants is not None and len(tenants) == 1 else ""
        self._caches = {home: self.cache}
        self._pushed: dict[str, dict[str, str]] = {}
        self._config_version = 1

    def cache_of(self, tenant_id: str) -> FakeCache:
        """The cache of one tenant."""
        return self._caches.setdefault(tenant_id, FakeCache(self._cache_clock))

    def config_of(self, plugin: str) -> tuple[dict[str, str], int]:
        """The configuration of one agent, and its version."""
        return dict(self._pushed.get(plugin, self.config)), self._config_version

    def store_config(self, plugin: str, config: Mapping[str, str]) -> int:
        """Let `config` be that agent's whole configuration; returns its version."""
        self._pushed[plugin] = dict(config)
        self._config_version += 1
        return self._config_version

    def kpis_of_tenant(self, tenant_id: str, kind: str = "", layer: str = "") -> list[KPI]:
        """The tenant's indicators, and those that belong to no tenant."""
        return [kpi for kpi in self.kpis_of(kind, layer) if kpi.tenant_id in {"", tenant_id}]
