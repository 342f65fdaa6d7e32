"""What the environment says about how an agent runs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from mirastack_sdk._core.address import Address, AddressError
from mirastack_sdk._core.tenant import tenant_id_from_slug
from mirastack_sdk.errors import ConfigurationError

__all__ = [
    "DEFAULT_HEARTBEAT_SECONDS",
    "VARIABLES",
    "Address",
    "EngineEncoding",
    "LogLevel",
    "Settings",
    "Variable",
]

type EngineEncoding = Literal["auto", "json", "proto"]
type LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

DEFAULT_HEARTBEAT_SECONDS = 30.0

_SHORTEST_HEARTBEAT = 0.01
_DAY = 86_400.0
_SMALLEST_MESSAGE_LIMIT = 1024
_LARGEST_MESSAGE_LIMIT = 2**32 - 1  # the length in a gRPC frame has 32 bits
_SHOWN_CHARACTERS = 80

_ENCODINGS: Mapping[str, EngineEncoding] = {"auto": "auto", "json": "json", "proto": "proto"}
_LOG_LEVELS: Mapping[str, LogLevel] = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "warn": "WARNING",
    "error": "ERROR",
    "critical": "CRITICAL",
}
_SWITCHES: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


class _UnusableError(ValueError):
    """A value that cannot be used; the message ends the sentence that the operator reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable[T]:
    """One environment variable: what it means, and what a blank or missing one stands for.

    `default` is how the documentation prints `fallback`.
    """

    name: str
    meaning: str
    default: str
    expected: str
    parse: Callable[[str], T]
    fallback: T

    def read(self, environ: Mapping[str, str], problems: list[str]) -> T:
        """The variable's value; one that cannot be used adds a sentence to `problems`."""
        text = environ.get(self.name, "").strip()
        if not text:
            return self.fallback
        try:
            return self.parse(text)
        except _UnusableError as error:
            reason = f": {error}" if str(error) else ""
            problems.append(
                f"{self.name} must be {self.expected}, got {_without_credentials(text)}{reason}"
            )
            return self.fallback


def _without_credentials(text: str) -> str:
    """What an operator may see of a bad value: no user name, password or query."""
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme, rest = "", text
    if "@" in rest:
        rest = "***@" + rest.rpartition("@")[2]
    shown = re.sub(r"\?.*", "?***", scheme + separator + rest, flags=re.DOTALL)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = shown[:_SHOWN_CHARACTERS] + "…"
    return ascii(shown) if not shown.isprintable() else f'"{shown}"'


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except AddressError as error:
        raise _UnusableError(str(error)) from None


def _dialled_address(text: str) -> Address:
    address = _address(text)
    if not address.host:
        raise _UnusableError("the host is missing")
    if address.port == 0:
        raise _UnusableError("port 0 cannot be dialled")
    return address


def _advertised_address(text: str) -> Address:
    address = _dialled_address(text)
    if address.is_any_interface:
        raise _UnusableError("the engine cannot dial all interfaces back, write a host name")
    return address


def _identifier(text: str) -> str:
    if not text.isprintable() or re.search(r"\s", text):
        raise _UnusableError("it holds spaces or characters that cannot be printed")
    return text


def _slug(text: str) -> str:
    if not text.isprintable():
        raise _UnusableError("it holds characters that cannot be printed")
    return tenant_id_from_slug(text)


def _seconds(least: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
            raise _UnusableError
        seconds = float(text)
        if not least <= seconds <= _DAY:
            raise _UnusableError
        return seconds

    return parse


def _message_bytes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise _UnusableError
    count = int(text)
    if not _SMALLEST_MESSAGE_LIMIT <= count <= _LARGEST_MESSAGE_LIMIT:
        raise _UnusableError
    return count


def _one_of[T](words: Mapping[str, T]) -> Callable[[str], T]:
    def parse(text: str) -> T:
        try:
            return words[text.lower()]
        except KeyError:
            raise _UnusableError from None

    return parse


ENGINE_ADDR: Variable[Address | None] = Variable(
    name="MIRASTACK_ENGINE_ADDR",
    meaning="the engine's address; without it the agent serves unregistered",
    default="none",
    expected='host:port such as "engine:9090"',
    parse=_dialled_address,
    fallback=None,
)
LISTEN_ADDR = Variable(
    name="MIRASTACK_PLUGIN_ADDR",
    meaning="where the agent listens",
    default="all interfaces, a free port",
    expected='host:port such as "0.0.0.0:9000" or ":9000"',
    parse=_address,
    fallback=Address("", 0),
)
ADVERTISE_ADDR: Variable[Address | None] = Variable(
    name="MIRASTACK_PLUGIN_ADVERTISE_ADDR",
    meaning="the address the engine dials back",
    default="hostname:port",
    expected='host:port such as "my-agent:9000"',
    parse=_advertised_address,
    fallback=None,
)
TENANT_ID = Variable(
    name="MIRASTACK_PLUGIN_TENANT_ID",
    meaning="the id of the tenant served; wins over the slug",
    default="none",
    expected="a tenant id",
    parse=_identifier,
    fallback="",
)
TENANT_SLUG = Variable(
    name="MIRASTACK_PLUGIN_TENANT_SLUG",
    meaning="the slug of the tenant served",
    default="none",
    expected='a tenant slug such as "acme"',
    parse=_slug,
    fallback="",
)
HEARTBEAT_INTERVAL: Variable[float | None] = Variable(
    name="MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL",
    meaning="seconds between heartbeats; fixes what the engine may change otherwise",
    default="30",
    expected=f'a number of seconds from {_SHORTEST_HEARTBEAT:g} to {_DAY:g} such as "30"',
    parse=_seconds(_SHORTEST_HEARTBEAT),
    fallback=None,
)
MAX_MESSAGE_BYTES = Variable(
    name="MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES",
    meaning="the largest message in either direction",
    default="67108864",
    expected=f"a whole number from {_SMALLEST_MESSAGE_LIMIT} to {_LARGEST_MESSAGE_LIMIT}",
    parse=_message_bytes,
    fallback=67_108_864,
)
CONFIG_CACHE_TTL = Variable(
    name="MIRASTACK_SDK_CONFIG_CACHE_TTL",
    meaning="seconds that get_config may answer from memory; 0 asks the engine each time",
    default="15",
    expected=f'a number of seconds from 0 to {_DAY:g} such as "15"',
    parse=_seconds(0),
    fallback=15.0,
)
TELEMETRY_ENABLED = Variable(
    name="MIRASTACK_OTEL_ENABLED",
    meaning="turns telemetry on; the standard OTEL_* variables say where it goes",
    default="false",
    expected="true or false",
    parse=_one_of(_SWITCHES),
    fallback=False,
)
ENGINE_ENCODING: Variable[EngineEncoding] = Variable(
    name="MIRASTACK_ENGINE_ENCODING",
    meaning="the encoding the engine is called in; auto finds it out at registration",
    default="auto",
    expected="auto, json or proto",
    parse=_one_of(_ENCODINGS),
    fallback="auto",
)
SHUTDOWN_GRACE = Variable(
    name="MIRASTACK_PLUGIN_SHUTDOWN_GRACE",
    meaning="seconds that running calls may take to finish when the agent stops",
    default="10",
    expected=f'a number of seconds from 0 to {_DAY:g} such as "10"',
    parse=_seconds(0),
    fallback=10.0,
)
LOG_LEVEL: Variable[LogLevel] = Variable(
    name="MIRASTACK_LOG_LEVEL",
    meaning="the least severe log lines that are written",
    default="INFO",
    expected="DEBUG, INFO, WARNING, ERROR or CRITICAL",
    parse=_one_of(_LOG_LEVELS),
    fallback="INFO",
)

VARIABLES: tuple[Variable[object], ...] = (
    ENGINE_ADDR,
    LISTEN_ADDR,
    ADVERTISE_ADDR,
    TENANT_ID,
    TENANT_SLUG,
    HEARTBEAT_INTERVAL,
    MAX_MESSAGE_BYTES,
    CONFIG_CACHE_TTL,
    TELEMETRY_ENABLED,
    ENGINE_ENCODING,
    SHUTDOWN_GRACE,
    LOG_LEVEL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process runs, read from the environment once.

    `heartbeat_interval` is `None` unless the environment fixes it; times are in seconds.
    """

    engine_addr: Address | None = ENGINE_ADDR.fallback
    listen_addr: Address = LISTEN_ADDR.fallback
    advertise_addr: Address | None = ADVERTISE_ADDR.fallback
    tenant_id: str = ""
    heartbeat_interval: float | None = HEARTBEAT_INTERVAL.fallback
    max_message_bytes: int = MAX_MESSAGE_BYTES.fallback
    config_cache_ttl: float = CONFIG_CACHE_TTL.fallback
    telemetry_enabled: bool = TELEMETRY_ENABLED.fallback
    engine_encoding: EngineEncoding = ENGINE_ENCODING.fallback
    shutdown_grace: float = SHUTDOWN_GRACE.fallback
    log_level: LogLevel = LOG_LEVEL.fallback

    @classmethod
    def from_mapping(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that `environ` spells; a blank variable counts as not set.

        Raises `ConfigurationError` with one sentence a line for every variable that cannot be used.
        """
        problems: list[str] = []
        tenant_id = TENANT_ID.read(environ, problems)
        if not environ.get(TENANT_ID.name, "").strip():
            tenant_id = TENANT_SLUG.read(environ, problems)
        settings = cls(
            engine_addr=ENGINE_ADDR.read(environ, problems),
            listen_addr=LISTEN_ADDR.read(environ, problems),
            advertise_addr=ADVERTISE_ADDR.read(environ, problems),
            tenant_id=tenant_id,
            heartbeat_interval=HEARTBEAT_INTERVAL.read(environ, problems),
            max_message_bytes=MAX_MESSAGE_BYTES.read(environ, problems),
            config_cache_ttl=CONFIG_CACHE_TTL.read(environ, problems),
            telemetry_enabled=TELEMETRY_ENABLED.read(environ, problems),
            engine_encoding=ENGINE_ENCODING.read(environ, problems),
            shutdown_grace=SHUTDOWN_GRACE.read(environ, problems),
            log_level=LOG_LEVEL.read(environ, problems),
        )
        if problems:
            raise ConfigurationError("\n".join(problems))
        return settings
