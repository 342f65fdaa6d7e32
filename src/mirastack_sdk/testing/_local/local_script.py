"""The script of a local engine: beyond that of a mock, tenants and the config of each agent."""

from collections.abc import Collection, Mapping

from mirastack_sdk._core.model.engine_api import License
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.testing._allowances import Allowance, checked_allowances
from mirastack_sdk.testing._script import EngineScript, ScriptedAnswers
from mirastack_sdk.testing._stores import AgentConfigs, FakeCache

_ACTIVE_LICENSE = License(active=True, effective_tier="enterprise", issued_tier="enterprise")


class LocalScript(EngineScript):
    """The state and the scripted responses of an engine with many agents and tenants.

    `tenants` are the active tenants, or `None` if all are. `config` is the config of agents for
    which `store_config` was not called. Each tenant has its own cache: `cache` belongs to the only
    tenant, or to agents without one. `heartbeat_interval` and `license` are sent to agents with
    each heartbeat. All of them may be changed at any time.
    """

    def __init__(
        self,
        answers: ScriptedAnswers,
        configs: AgentConfigs,
        *,
        clock: Clock,
        tenants: Collection[str] | None,
        heartbeat_interval: int,
        allow: Collection[Allowance],
    ) -> None:
        super().__init__(answers, clock=clock)
        self.license: License | None = _ACTIVE_LICENSE
        self.tenants: set[str] | None = None if tenants is None else set(tenants)
        self.heartbeat_interval = heartbeat_interval
        self._configs = configs
        self._allowed = checked_allowances(allow)
        self._cache_clock = clock
        home = next(iter(tenants)) if tenants is not None and len(tenants) == 1 else ""
        self._caches = {home: self.cache}

    def allows(self, rule: Allowance) -> bool:
        """Whether that rule is switched off."""
        return rule in self._allowed

    def cache_of(self, tenant_id: str) -> FakeCache:
        """Return the cache of one tenant."""
        return self._caches.setdefault(tenant_id, FakeCache(self._cache_clock))

    @property
    def config_version(self) -> int:
        """The version of the config that was stored or sent last; each change increases it."""
        return self._configs.version

    def store_config(self, plugin: str, config: Mapping[str, str]) -> int:
        """Replace the config of an agent without pushing it; returns the config's version."""
        return self._configs.store(plugin, config)
