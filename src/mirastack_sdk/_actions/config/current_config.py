"""The current config of an agent, and its changes: pushed by the engine, or made in files."""

from collections.abc import Mapping

from mirastack_sdk._actions.config.config_fields import ConfigPlan
from mirastack_sdk._actions.config.config_files import ConfigFiles
from mirastack_sdk._actions.config.config_loading import LoadedConfig, load_config, secrets_in
from mirastack_sdk._actions.convert.parameter_errors import preview
from mirastack_sdk._core.model.plugin_base import ServeContext
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import Log
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("agent")
_NO_TEXTS: Mapping[str, str] = {}
_SHOWN_KEYS = 5


@dataclass(frozen=True, slots=True)
class MissingConfig:
    """Takes the place of a config while required values are missing; `reasons` name them."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"the agent is not configured: {'; '.join(self.reasons)}"


class CurrentConfig:
    """The config of one agent, from the engine, the environment and the class's defaults."""

    def __init__(self, plan: ConfigPlan) -> None:
        self._plan = plan
        self._context = ServeContext()
        self._files = ConfigFiles(plan)
        # What the current config was taken from.
        self._engine_texts: Mapping[str, str] = _NO_TEXTS
        self._file_texts: Mapping[str, str] = _NO_TEXTS
        self._reported = ""
        self._texts: Mapping[str, str] | None = None
        self._secrets: tuple[str, ...] = ()
        self.current = self._activated(load_config(plan, _NO_TEXTS, _NO_TEXTS))

    @property
    def kind(self) -> type:
        """The config class."""
        return self._plan.kind

    @property
    def values(self) -> Mapping[type, object]:
        """The config by its class, for injection."""
        return {self._plan.kind: self.current}

    def begin(self, context: ServeContext) -> None:
        """Load the config from the environment, until the engine sends values.

        Raises `ConfigurationError` for invalid values, with one sentence on each line.
        """
        files = ConfigFiles(self._plan, context.environ)
        loaded = load_config(self._plan, _NO_TEXTS, context.environ, files.current())
        if wrong := (*files.errors, *loaded.wrong):
            raise ConfigurationError("\n".join(wrong))
        self._context, self._files = context, files
        self.current = self._activated(loaded)

    @property
    def has_files(self) -> bool:
        """Whether values come from files, which may change."""
        return self._files.are_named

    @property
    def is_outdated(self) -> bool:
        """Whether the files have changed since the config was loaded.

        While values are missing there is none: whatever brings them reads the files again.
        """
        has_config = not isinstance(self.current, MissingConfig)
        return has_config and self._files.current() != self._file_texts

    def reloaded(self) -> LoadedConfig | None:
        """The config with the files as they are now; see `changed`."""
        return self.changed(self._engine_texts)

    def replace(self, config: object) -> None:
        """Use a config that a test has made; raises `TypeError` if it is of another class."""
        if not isinstance(config, self._plan.kind):
            kind = self._plan.kind.__name__
            raise TypeError(f"config must be of type {kind}, got {type(config).__name__}")
        self._texts, self.current = None, config

    def changed(self, texts: Mapping[str, str]) -> LoadedConfig | None:
        """The config from the engine's values, or `None` if nothing changes.

        Raises `ConfigurationError` with all errors.
        """
        self._report_unknown(texts)
        loaded = load_config(self._plan, texts, self._context.environ, self._files.current())
        if reasons := (*loaded.wrong, *loaded.missing):
            if isinstance(self.current, MissingConfig):
                self.current = MissingConfig(reasons)
            raise ConfigurationError("; ".join(reasons))
        if loaded.config == self.current or loaded.texts == self._texts:
            self._note_sources(loaded)
            return None
        # Trying it out may log it; the current one stays in use if that fails.
        self._context.notice_secrets(self._secrets + _secrets_of(loaded))
        return loaded

    def take(self, loaded: LoadedConfig) -> None:
        """Make a loaded config the current one."""
        self.current = self._activated(loaded)

    def require(self) -> None:
        """Raise `ConfigurationError` if there is no config."""
        if isinstance(self.current, MissingConfig):
            raise ConfigurationError(str(self.current))

    def _activated(self, loaded: LoadedConfig) -> object:
        if reasons := (*loaded.wrong, *loaded.missing):
            return MissingConfig(reasons)
        self._texts = loaded.texts
        self._note_sources(loaded)
        self._secrets = _secrets_of(loaded)
        self._context.notice_secrets(self._secrets)
        return loaded.config

    def _note_sources(self, loaded: LoadedConfig) -> None:
        self._engine_texts, self._file_texts = loaded.engine, loaded.files

    def _report_unknown(self, texts: Mapping[str, str]) -> None:
        """Log the keys that the config does not have, all in one line, when they change."""
        # Go sends the entries of a map in a random order.
        unknown = sorted(key for key in texts if key not in self._plan.fields)
        shown = ", ".join(map(preview, unknown[:_SHOWN_KEYS]))
        if len(unknown) > _SHOWN_KEYS:
            shown += f" and {len(unknown) - _SHOWN_KEYS} more"
        if shown and shown != self._reported:
            _LOG.warning("the engine sets keys that this agent's config does not have: %s", shown)
        self._reported = shown


def _secrets_of(loaded: LoadedConfig) -> tuple[str, ...]:
    return (*loaded.secrets, *secrets_in(loaded.config))
