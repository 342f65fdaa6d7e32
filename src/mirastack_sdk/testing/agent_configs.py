"""The configurations that a local engine keeps for agents."""

from collections.abc import Mapping


class AgentConfigs:
    """A configuration for each agent that one was stored for, and a version that counts them."""

    def __init__(self) -> None:
        self.version = 1
        self._configs: dict[str, dict[str, str]] = {}

    def store(self, plugin: str, config: Mapping[str, str]) -> int:
        """Let `config` be that agent's whole configuration; returns its version."""
        self._configs[plugin] = dict(config)
        self.version += 1
        return self.version

    def find(self, plugin: str) -> dict[str, str] | None:
        """The configuration of that agent, if it has one of its own."""
        return self._configs.get(plugin)
