"""The config that operators set on the page, which outlives reloads of the agent."""

from collections.abc import Mapping

from mirastack_sdk.testing import AgentCallError, LocalEngine, RegisteredAgent

HIDDEN = "***"
"""Stands for a secret value; sent back by the page, it means the value as it is."""


class AgentConfig:
    """The config of the agent, stored in the engine and pushed to the agent."""

    def __init__(self, engine: LocalEngine, values: Mapping[str, str]) -> None:
        self._engine = engine
        self._values = dict(values)
        self._secret_keys: frozenset[str] | None = None
        engine.config.update(values)

    def know(self, agent: RegisteredAgent) -> None:
        """Note which values are secret, and give the agent the config, whatever its name."""
        params = agent.introduction.info.config_params
        self._secret_keys = frozenset(param.key for param in params if param.secret)

    def shown(self) -> dict[str, object]:
        """The values as the page gets them, and their version."""
        return {"values": self.masked(self._values), "version": self._engine.config_version}

    def masked(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values without secrets; before an agent has said which are secret, without any."""
        keys = self._secret_keys
        return {
            key: HIDDEN if value and (keys is None or key in keys) else value
            for key, value in values.items()
        }

    async def push(
        self, values: Mapping[str, str], agent: RegisteredAgent | None
    ) -> dict[str, object]:
        """Replace the config and send it to the agent, if there is one; returns its response.

        Secrets that are hidden or missing in `values` stay, since the page does not know them. The
        engine keeps a config that the agent refuses, as real engines do.
        """
        kept = {key: self._values[key] for key in self._secret_keys or () if key in self._values}
        given = {
            key: self._values.get(key, "") if value == HIDDEN else value
            for key, value in values.items()
        }
        self._values = kept | given
        self._engine.config.clear()
        self._engine.config.update(self._values)
        acknowledged, error = False, "no agent is running; it gets this config when it starts"
        if agent is not None:
            try:
                answer = await agent.push_config(self._values)
            except AgentCallError as failure:
                error = str(failure)
            else:
                acknowledged, error = answer.acknowledged, answer.error
        return {
            "acknowledged": acknowledged,
            "error": error or None,
            "version": self._engine.config_version,
        }
