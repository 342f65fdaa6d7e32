"""Network addresses as operators write them: host:port."""

import re
from typing import TYPE_CHECKING

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.patterns import deferred_pattern

if TYPE_CHECKING:
    from ipaddress import IPv6Address

MAX_PORT = 65535

_SCHEME = deferred_pattern(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):/{2,3}")
# gRPC's name syntax; a host may be called dns as well, but then no second colon follows.
_TARGET = deferred_pattern(r"(?:ipv4|ipv6|dns|passthrough):(?=.*:)")
_BRACKETED = deferred_pattern(r"\[(?P<host>[^\[\]]*)\](?::(?P<port>.*))?")
_PORT = deferred_pattern(r"[0-9]{1,5}")
_NUMERIC_HOST = deferred_pattern(r"[0-9.]+")
# Some programs read a number that begins with 0 as octal.
_NUMBER = deferred_pattern(r"0|[1-9][0-9]{0,2}")
_LABEL = deferred_pattern(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_MAX_HOST_LENGTH = 253


class AddressError(ValueError):
    """Text that is not an address; the message says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port.

    To listen, an empty host means all interfaces and port 0 any free port; neither can be dialled.
    An IPv6 host is stored without brackets.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """`host:port`, an IPv6 host in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_any_interface(self) -> bool:
        """Whether the host means all interfaces, which nobody can dial."""
        address = _ipv6_address(self.host)
        return self.host in ("", "0.0.0.0") if address is None else address.is_unspecified  # noqa: S104 - only compared

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        address = _ipv6_address(self.host)
        if address is not None:
            return address.is_loopback
        if _is_ipv4(self.host):
            return self.host.startswith("127.")
        return self.host.lower().removesuffix(".") == "localhost"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Parse an address; raises `AddressError`.

        Forms: `engine:9090`, `10.0.0.5:9090`, `[::1]:9090`, and `:9090` with an empty host.
        """
        # What most addresses do not have is looked for without a pattern that has to be compiled.
        scheme = _SCHEME.match(text) if "://" in text else None
        if scheme is not None:
            raise AddressError(_scheme_refusal(scheme.group("scheme"), text[scheme.end() :]))
        if "," in text:
            raise AddressError("write one address and no list; a name may have several addresses")
        target = _TARGET.match(text) if text.count(":") > 1 else None
        if target is not None:
            raise AddressError(f"leave {target.group()} out, which only gRPC libraries understand")
        if "@" in text:
            raise AddressError("an address has no user name or password")
        if "/" in text:
            raise AddressError("an address has no path")
        bracketed = _BRACKETED.fullmatch(text) if text.startswith("[") else None
        if bracketed is not None:
            port = _port(bracketed.group("port") or "")
            return cls(_ipv6(bracketed.group("host")), port)
        host, _, port_text = text.rpartition(":")
        if ":" in host:
            raise AddressError("an IPv6 host belongs in brackets, such as [::1]:9090")
        if ":" not in text:
            raise AddressError("the port is missing")
        return cls(_host(host), _port(port_text))


def _scheme_refusal(scheme: str, rest: str) -> str:
    """Explain that a URL is not an address, with the address it probably means."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    try:
        meant = f", write {Address.parse(authority)}"
    except AddressError:
        meant = ""
    return f"an address has no scheme, leave {scheme}:// out{meant}"


def _port(text: str) -> int:
    if not text:
        raise AddressError("the port is missing")
    if not _PORT.fullmatch(text) or int(text) > MAX_PORT:
        raise AddressError(f"the port is not a number from 0 to {MAX_PORT}")
    return int(text)


def _is_ipv4(text: str) -> bool:
    parts = text.split(".") if _NUMERIC_HOST.fullmatch(text) else []
    return len(parts) == 4 and all(_NUMBER.fullmatch(part) and int(part) < 256 for part in parts)


def _ipv6_address(text: str) -> "IPv6Address | None":
    if ":" not in text:
        return None
    # The module is large, and most agents never see an IPv6 address.
    from ipaddress import IPv6Address  # noqa: PLC0415 - see above

    try:
        return IPv6Address(text)
    except ValueError:
        return None


def _ipv6(text: str) -> str:
    address = _ipv6_address(text)
    if address is None:
        raise AddressError("what is in the brackets is not an IPv6 address")
    if address.is_link_local and not address.scope_id:
        raise AddressError("a link-local address needs its interface, such as [fe80::1%eth0]:9090")
    # A socket for IPv6 alone cannot be bound to an IPv4 address that is written as an IPv6 one.
    return str(address.ipv4_mapped or address)


def _host(text: str) -> str:
    if not text:
        return text
    if _NUMERIC_HOST.fullmatch(text):
        if _is_ipv4(text):
            return text
        raise AddressError("the host is not an IPv4 address")
    labels = text.removesuffix(".").split(".")
    if len(text) > _MAX_HOST_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressError("the host is not a host name")
    return text
