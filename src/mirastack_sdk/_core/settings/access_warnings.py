"""The check that an agent which anybody can call does not start unnoticed."""

from collections.abc import Iterator
from typing import NamedTuple

from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.security_variables import SecuritySettings

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
) -> AccessWarnings:
    """Check an agent that is about to listen on `listen` and to call `engine`."""
    warnings: list[str] = []
    if settings.ignored:
        warnings.append(f"{', '.join(settings.ignored)}: ignored, since security was given in code")
    refusal = None
    if not settings.security.authenticates:
        advice = f"set {settings.names.client_ca} (mTLS) or {settings.names.token}"
        permission = _write_permission(info, schema)
        if settings.required:
            refusal = f"MIRASTACK_REQUIRE_AUTH is set, and anybody could call this agent: {advice}"
        elif permission is not None and not listen.is_loopback:
            where = "all interfaces" if listen.is_any_interface else str(listen)
            warnings.append(
                f"anybody can call this agent, which has {permission.name} rights and listens on "
                f"{where}: {advice}, or listen on 127.0.0.1"
            )
    unencrypted = list(_unencrypted_tokens(settings, listen, engine))
    if unencrypted:
        warnings.append(f"the token crosses the network unencrypted: {'; '.join(unencrypted)}")
    return AccessWarnings(refusal=refusal, warnings=tuple(warnings))


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
