"""The settings of an agent's process, read from the environment."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.address_values import (
    advertised_address,
    dialled_address,
    listening_address,
)
from mirastack_sdk._core.settings.event_loop_variable import EVENT_LOOP, EventLoop
from mirastack_sdk._core.settings.limit_variables import LIMIT_VARIABLES, ServingLimits
from mirastack_sdk._core.settings.log_variables import (
    LOG_FORMAT,
    LOG_LEVEL,
    LOG_VARIABLES,
    LogFormat,
    LogLevel,
)
from mirastack_sdk._core.settings.metrics_variables import (
    METRICS_ADDR,
    METRICS_VARIABLES,
    MetricsSettings,
)
from mirastack_sdk._core.settings.recording_variables import RECORD
from mirastack_sdk._core.settings.security_options import Security
from mirastack_sdk._core.settings.security_variables import SECURITY_VARIABLES, SecuritySettings
from mirastack_sdk._core.settings.shutdown_variables import (
    DEREGISTER,
    SHUTDOWN_DELAY,
    SHUTDOWN_GRACE,
    SHUTDOWN_VARIABLES,
)
from mirastack_sdk._core.settings.variable import (
    SWITCHES,
    InvalidValueError,
    Variable,
    milliseconds,
    one_of,
    seconds,
    seconds_expected,
    whole_number,
    whole_number_expected,
)
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.errors import ConfigurationError

type EngineEncoding = Literal["auto", "json", "proto"]

DEFAULT_HEARTBEAT_SECONDS = 30.0

# The namespace of tenant ids, which is the same on every part of the platform.
_NAMESPACE = "f9f3a4d4-2c64-5b9e-9e25-8a8b6f6f6f6f"

_SHORTEST_HEARTBEAT = 0.01
_SMALLEST_MESSAGE_LIMIT = 1024
_LARGEST_MESSAGE_LIMIT = 2**32 - 1  # gRPC over HTTP/2, Requests: Message-Length has 4 bytes

_ENCODINGS: Mapping[str, EngineEncoding] = {"auto": "auto", "json": "json", "proto": "proto"}


def tenant_id_from_slug(slug: str) -> str:
    """The tenant id that every part of the platform derives from `slug`.

    Surrounding blanks and case do not matter.
    """
    import uuid  # noqa: PLC0415 - only for a tenant that is given by its slug

    return str(uuid.uuid5(uuid.UUID(_NAMESPACE), f"tenant:{slug.strip().lower()}"))


def _identifier(text: str) -> str:
    if not text.isprintable() or re.search(r"\s", text):
        raise InvalidValueError("it contains spaces or unprintable characters")
    return text


def _slug(text: str) -> str:
    if not text.isprintable():
        raise InvalidValueError("it contains unprintable characters")
    return tenant_id_from_slug(text)


ENGINE_ADDR: Variable[Address | None] = Variable(
    name="MIRASTACK_ENGINE_ADDR",
    meaning="the engine's address; without it, the agent serves but does not register",
    default="none",
    expected='host:port such as "engine:9090"',
    parse=dialled_address,
    fallback=None,
)
LISTEN_ADDR = Variable(
    name="MIRASTACK_PLUGIN_ADDR",
    meaning="where the agent listens: all addresses of a host name; `[::]` means IPv4, too",
    default="all interfaces, a free port",
    expected='host:port such as "0.0.0.0:9000" or ":9000"',
    parse=listening_address,
    fallback=Address("", 0),
)
ADVERTISE_ADDR: Variable[Address | None] = Variable(
    name="MIRASTACK_PLUGIN_ADVERTISE_ADDR",
    meaning="the address the engine dials back",
    default="hostname:port",
    expected='host:port such as "my-agent:9000"',
    parse=advertised_address,
    fallback=None,
)
TENANT_ID = Variable(
    name="MIRASTACK_PLUGIN_TENANT_ID",
    meaning="the tenant's id; takes precedence over the slug",
    default="none",
    expected="a tenant id",
    parse=_identifier,
    fallback="",
)
TENANT_SLUG = Variable(
    name="MIRASTACK_PLUGIN_TENANT_SLUG",
    meaning="the tenant's slug, from which its id is derived",
    default="none",
    expected='a tenant slug such as "acme"',
    parse=_slug,
    fallback="",
)
HEARTBEAT_INTERVAL: Variable[float | None] = Variable(
    name="MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL",
    meaning="seconds between heartbeats; if set, the engine cannot change it",
    default="30",
    expected=seconds_expected(_SHORTEST_HEARTBEAT, "30"),
    parse=seconds(_SHORTEST_HEARTBEAT),
    fallback=None,
)
MAX_MESSAGE_BYTES = Variable(
    name="MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES",
    meaning="the largest message sent or received, in bytes",
    default="67108864",
    expected=whole_number_expected(_SMALLEST_MESSAGE_LIMIT, _LARGEST_MESSAGE_LIMIT),
    parse=whole_number(_SMALLEST_MESSAGE_LIMIT, _LARGEST_MESSAGE_LIMIT),
    fallback=67_108_864,
)
CONFIG_CACHE_TTL = Variable(
    name="MIRASTACK_SDK_CONFIG_CACHE_TTL",
    meaning="seconds that get_config results are cached; 0 turns the cache off",
    default="15",
    expected=seconds_expected(0, "15"),
    parse=seconds(0),
    fallback=15.0,
)
TELEMETRY_ENABLED = Variable(
    name="MIRASTACK_OTEL_ENABLED",
    meaning="turns telemetry on; the standard OTEL_* variables configure it",
    default="false",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=False,
)
METRIC_EXPORT_INTERVAL: Variable[float | None] = Variable(
    name="MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL",
    meaning="how often metrics are sent; replaces OTEL_METRIC_EXPORT_INTERVAL",
    default="a minute",
    expected='milliseconds such as "60000", or up to 24 h with a unit such as "30s"',
    parse=milliseconds,
    fallback=None,
)
TELEMETRY_HEADERS_FILE: Variable[str | None] = Variable(
    name="MIRASTACK_OTEL_HEADERS_FILE",
    meaning="a file that contains what OTEL_EXPORTER_OTLP_HEADERS would; read at the start",
    default="none",
    expected="a path to a file",
    parse=str,
    fallback=None,
)
ENGINE_ENCODING: Variable[EngineEncoding] = Variable(
    name="MIRASTACK_ENGINE_ENCODING",
    meaning="the encoding of calls to the engine; auto detects it at registration",
    default="auto",
    expected="auto, json or proto",
    parse=one_of(_ENCODINGS),
    fallback="auto",
)
HEALTH_FOLLOWS_AGENT = Variable(
    name="MIRASTACK_PLUGIN_HEALTH_FOLLOWS_AGENT",
    meaning="whether grpc.health.v1 says NOT_SERVING while the agent's health check fails",
    default="false",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=False,
)
HEALTH_WITHOUT_TOKEN = Variable(
    name="MIRASTACK_PLUGIN_HEALTH_WITHOUT_TOKEN",
    meaning="whether grpc.health.v1 may be called without the bearer token",
    default="false",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=False,
)

HEALTH_VARIABLES: tuple[Variable[object], ...] = (HEALTH_FOLLOWS_AGENT, HEALTH_WITHOUT_TOKEN)
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
    METRIC_EXPORT_INTERVAL,
    TELEMETRY_HEADERS_FILE,
    *METRICS_VARIABLES,
    ENGINE_ENCODING,
    *SHUTDOWN_VARIABLES,
    *LOG_VARIABLES,
    EVENT_LOOP,
    RECORD,
    *LIMIT_VARIABLES,
    *HEALTH_VARIABLES,
    *SECURITY_VARIABLES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """What `grpc.health.v1` tells, and whom."""

    follows_agent: bool = HEALTH_FOLLOWS_AGENT.fallback
    without_token: bool = HEALTH_WITHOUT_TOKEN.fallback

    @classmethod
    def read(cls, environ: Mapping[str, str], errors: list[str]) -> "HealthSettings":
        """Read the settings from `environ`; add a sentence to `errors` for each invalid value."""
        return cls(
            follows_agent=HEALTH_FOLLOWS_AGENT.read(environ, errors),
            without_token=HEALTH_WITHOUT_TOKEN.read(environ, errors),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of this process, read from the environment once.

    Times are in seconds. `heartbeat_interval` is `None` if the engine may choose it.
    """

    engine_addr: Address | None = ENGINE_ADDR.fallback
    listen_addr: Address = LISTEN_ADDR.fallback
    advertise_addr: Address | None = ADVERTISE_ADDR.fallback
    tenant_id: str = ""
    heartbeat_interval: float | None = HEARTBEAT_INTERVAL.fallback
    max_message_bytes: int = MAX_MESSAGE_BYTES.fallback
    config_cache_ttl: float = CONFIG_CACHE_TTL.fallback
    telemetry_enabled: bool = TELEMETRY_ENABLED.fallback
    metric_export_interval: float | None = METRIC_EXPORT_INTERVAL.fallback
    telemetry_headers_file: str | None = TELEMETRY_HEADERS_FILE.fallback
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    engine_encoding: EngineEncoding = ENGINE_ENCODING.fallback
    shutdown_grace: float = SHUTDOWN_GRACE.fallback
    shutdown_delay: float = SHUTDOWN_DELAY.fallback
    deregisters: bool = DEREGISTER.fallback
    log_level: LogLevel = LOG_LEVEL.fallback
    log_format: LogFormat = LOG_FORMAT.fallback
    event_loop: EventLoop = EVENT_LOOP.fallback
    record: str = RECORD.fallback
    limits: ServingLimits = field(default_factory=ServingLimits)
    health: HealthSettings = field(default_factory=HealthSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)

    @classmethod
    def from_mapping(
        cls, environ: Mapping[str, str], security: Security | None = None
    ) -> "Settings":
        """Read the settings from `environ`; a blank variable counts as not set.

        `security`, if given, replaces the security settings in `environ`. Raises
        `ConfigurationError` with one line for each invalid variable.
        """
        errors: list[str] = []
        settings = cls(
            engine_addr=ENGINE_ADDR.read(environ, errors),
            listen_addr=LISTEN_ADDR.read(environ, errors),
            advertise_addr=ADVERTISE_ADDR.read(environ, errors),
            tenant_id=_tenant_id(environ, errors),
            heartbeat_interval=HEARTBEAT_INTERVAL.read(environ, errors),
            max_message_bytes=MAX_MESSAGE_BYTES.read(environ, errors),
            config_cache_ttl=CONFIG_CACHE_TTL.read(environ, errors),
            telemetry_enabled=TELEMETRY_ENABLED.read(environ, errors),
            metric_export_interval=METRIC_EXPORT_INTERVAL.read(environ, errors),
            telemetry_headers_file=TELEMETRY_HEADERS_FILE.read(environ, errors),
            metrics=MetricsSettings.read(environ, errors),
            engine_encoding=ENGINE_ENCODING.read(environ, errors),
            shutdown_grace=SHUTDOWN_GRACE.read(environ, errors),
            shutdown_delay=SHUTDOWN_DELAY.read(environ, errors),
            deregisters=DEREGISTER.read(environ, errors),
            log_level=LOG_LEVEL.read(environ, errors),
            log_format=LOG_FORMAT.read(environ, errors),
            event_loop=EVENT_LOOP.read(environ, errors),
            record=RECORD.read(environ, errors),
            limits=ServingLimits.read(environ, errors),
            health=HealthSettings.read(environ, errors),
            security=SecuritySettings.read(environ, errors, security),
        )
        if settings.metrics.takes_port_of(settings.listen_addr):
            errors.append(
                f"{METRICS_ADDR.name} must differ from {LISTEN_ADDR.name}: it is a port of its own"
            )
        if errors:
            raise ConfigurationError("\n".join(errors))
        return settings


def _tenant_id(environ: Mapping[str, str], errors: list[str]) -> str:
    tenant_id = TENANT_ID.read(environ, errors)
    return tenant_id if TENANT_ID.is_set(environ) else TENANT_SLUG.read(environ, errors)
