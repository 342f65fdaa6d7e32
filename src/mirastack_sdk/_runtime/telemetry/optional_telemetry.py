"""The recording of calls with OpenTelemetry, which is imported only if operators ask for it."""

from collections.abc import Mapping

from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.telemetry.recorder_protocol import Telemetry


def opened_telemetry(
    agent: CheckedPlugin, settings: Settings, environ: Mapping[str, str], secrets: KnownSecrets
) -> Telemetry | None:
    """What records calls with OpenTelemetry, if the settings ask for that.

    Raises `ConfigurationError` if a package is missing, or a variable or a file cannot be used.
    """
    if not settings.telemetry_enabled:
        return None
    from mirastack_sdk._runtime.telemetry.otel_recorder import open_telemetry  # noqa: PLC0415 - for an optional extra

    return open_telemetry(agent, settings, environ, secrets)
