"""What a test tells a local engine beyond a mock: tenants, and a configuration for each agent."""

from collections.abc import Collection, Mapping

from mirastack_sdk._core.model.engine_api import License
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.testing._script import EngineScript, ScriptedAnswers
from mirastack_sdk.testing._stores import AgentConfigs, FakeCache

__all__ = ["LocalScript"]

_ACTIVE_LICENSE = License(active=True, effective_tier="enterprise", issued_tier="enterprise")


class LocalScript(EngineScript):
    """Answers for many agents and tenants.

    `tenants` are those that are active, `None` for whichever an agent names; it may be changed at
    any time. `config` is for agents that no other configuration was stored for. Each tenant has its
    own cache: `cache` is that of the only tenant, or of agents without one. Agents are told to
    heartbeat every `heartbeat_interval` seconds, 0 for as they please, and of the `license`.
    """

    def __init__(
        self,
        answers: ScriptedAnswers,
        configs: AgentConfigs,
        *,
        clock: Clock,
        tenants: Collection[str] | None,
        heartbeat_interval: int,
    ) -> None:
        super().__init__(answers, clock=clock)
        self.license: License | None = _ACTIVE_LICENSE
        self.tenants: set[str] | None = None if tenants is None else set(tenants)
        self.heartbeat_interval = heartbeat_interval
        self._configs = configs
        self._cache_clock = clock
        home = next(iter(tenants)) if tenants is not None and len(tenants) == 1 else ""
        self._caches = {home: self.cache}

    def cache_of(self, tenant_id: str) -> FakeCache:
        """The cache of one tenant."""
        return self._caches.setdefault(tenant_id, FakeCache(self._cache_clock))

    def store_config(self, plugin: str, config: Mapping[str, str]) -> int:
        """Answer `get_config` of that agent with `config`, without pushing it to the agent.

        Returns the configuration's version.
        """
        return self._configs.store(plugin, config)
