"""The measuring of an agent for Prometheus, which is imported only if operators ask for it."""

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.metrics.metrics_protocol import Metrics, Unmeasured
from mirastack_sdk.errors import ConfigurationError


def opened_metrics(agent: CheckedPlugin, settings: Settings, secrets: KnownSecrets) -> Metrics:
    """What measures the agent for Prometheus, if the settings ask for that.

    Raises `ConfigurationError` if the package is missing or the token cannot be read.
    """
    address = settings.metrics.addr
    if address is None:
        return Unmeasured()
    try:
        from mirastack_sdk._runtime.metrics.agent_metrics import open_metrics  # noqa: PLC0415 - for an optional extra
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        raise ConfigurationError(
            "MIRASTACK_METRICS_ADDR is set, but prometheus_client is not installed: "
            'pip install "mirastack-agents-sdk-python[metrics]"'
        ) from error
    return open_metrics(agent, settings, address, secrets)
