"""What an agent that starts would let strangers do, and what the operator hears of it."""

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from mirastack_sdk._core.model.declarations import Permission, PluginInfo, PluginSchema
from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.security_variables import SecuritySettings

__all__ = ["Exposure", "exposure", "is_loopback"]

_POWERS = (Permission.ADMIN, Permission.MODIFY)


class Exposure(NamedTuple):
    """Why an agent must not start, or `None`; and what is to be said when it starts."""

    refusal: str | None
    warnings: tuple[str, ...]


def exposure(
    info: PluginInfo,
    schema: PluginSchema,
    settings: SecuritySettings,
    *,
    listen: Address,
    engine: Address | None,
) -> Exposure:
    """Decide on an agent that is about to listen on `listen` and to call `engine`."""
    warnings: list[str] = []
    if settings.ignored:
        warnings.append(f"{', '.join(settings.ignored)}: ignored, since security was given in code")
    refusal = None
    if not settings.security.authenticates:
        demand = _demand(settings)
        power = _power(info, schema)
        if settings.required:
            refusal = f"MIRASTACK_REQUIRE_AUTH is set, and anybody could call this agent: {demand}"
        elif power is not None and not is_loopback(listen):
            warnings.append(
                f"anybody can call this agent, which has {power.name} rights and listens on "
                f"{_where(listen)}: {demand}, or listen on 127.0.0.1"
            )
    plain = list(_in_plain_text(settings, listen, engine))
    if plain:
        warnings.append(f"the token crosses the network unencrypted: {'; '.join(plain)}")
    return Exposure(refusal=refusal, warnings=tuple(warnings))


def is_loopback(address: Address) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return address.host.lower().removesuffix(".") == "localhost"


def _demand(settings: SecuritySettings) -> str:
    names = settings.names
    return f"set {names.client_ca} (mTLS) or {names.token}"


def _power(info: PluginInfo, schema: PluginSchema) -> Permission | None:
    held = {info.permission, *(action.permission for action in schema.actions)}
    return next((power for power in _POWERS if power in held), None)


def _where(listen: Address) -> str:
    return "all interfaces" if listen.is_any_interface else str(listen)


def _in_plain_text(
    settings: SecuritySettings, listen: Address, engine: Address | None
) -> Iterator[str]:
    security, names = settings.security, settings.names
    if not security.has_token:
        return
    if security.server is None and not is_loopback(listen):
        yield f"callers send it to this agent's port, set {names.server}"
    if security.client is None and engine is not None and not is_loopback(engine):
        yield f"this agent sends it to {engine}, set {names.client}"
