"""The check that an agent which anybody can call does not start unnoticed."""

from collections.abc import Iterator

from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import METRICS_TOKEN_FILE, MetricsSettings
from mirastack_sdk._core.settings.security_variables import SecuritySettings
from mirastack_sdk._deferred.named_tuples import NamedTuple

NO_METRICS = MetricsSettings()

_WRITE_PERMISSIONS = (Permission.ADMIN, Permission.MODIFY)


class AccessWarnings(NamedTuple):
    """Why an agent must not start, or `None`, and what to warn operators of when it starts."""

    refusal: str | None
    warnings: tuple[str, ...]


def access_warnings(
    info: PluginInfo,
    schema: PluginSchema,
    settings: SecuritySettings,
    *,
    listen: Address,
    engine: Address | None,
    metrics: MetricsSettings = NO_METRICS,
) -> AccessWarnings:
    """Check an agent that is about to listen on `listen`, call `engine` and serve `metrics`."""
    warnings: list[str] = []
    if settings.ignored:
        warnings.append(f"{', '.join(settings.ignored)}: ignored, since security was given in code")
    refusal = None
    if not settings.security.authenticates:
        advice = f"set {settings.names.client_ca} (mTLS) or {settings.names.token_file}"
        permission = _write_permission(info, schema)
        if settings.required:
            refusal = f"MIRASTACK_REQUIRE_AUTH is set, and anybody could call this agent: {advice}"
        elif permission is not None and not listen.is_loopback:
            warnings.append(
                f"anybody can call this agent, which has {permission.name} rights and listens on "
                f"{_interfaces(listen)}: {advice}, or listen on 127.0.0.1"
            )
    if metrics.addr is not None and not metrics.addr.is_loopback and not metrics.has_token:
        reading = f"anybody can read this agent's metrics on {_interfaces(metrics.addr)}"
        remedy = f"set {METRICS_TOKEN_FILE.name}, or serve them on 127.0.0.1"
        if settings.required:
            refusal = refusal or f"MIRASTACK_REQUIRE_AUTH is set, and {reading}: {remedy}"
        elif settings.security.authenticates:
            warnings.append(f"{reading}, while its calls are protected: {remedy}")
    unencrypted = list(_unencrypted_tokens(settings, listen, engine))
    if metrics.has_token and metrics.addr is not None and not metrics.addr.is_loopback:
        unencrypted.append(
            "Prometheus sends the metrics token, serve metrics on 127.0.0.1 behind a proxy with TLS"
        )
    if unencrypted:
        warnings.append(f"the token crosses the network unencrypted: {'; '.join(unencrypted)}")
    return AccessWarnings(refusal=refusal, warnings=tuple(warnings))


def _interfaces(address: Address) -> str:
    return "all interfaces" if address.is_any_interface else str(address)


def _write_permission(info: PluginInfo, schema: PluginSchema) -> Permission | None:
    declared = {info.permission, *(action.permission for action in schema.actions)}
    return next((found for found in _WRITE_PERMISSIONS if found in declared), None)


def _unencrypted_tokens(
    settings: SecuritySettings, listen: Address, engine: Address | None
) -> Iterator[str]:
    security, names = settings.security, settings.names
    if not security.has_token:
        return
    if security.server is None and not listen.is_loopback:
        yield f"callers send it to this agent's port, set {names.server}"
    if security.client is None and engine is not None and not engine.is_loopback:
        yield f"this agent sends it to {engine}, set {names.client}"
