"""The environment becomes Settings once, and all mistakes in it are reported together."""

from dataclasses import FrozenInstanceError, replace

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.limit_variables import ServingLimits
from mirastack_sdk._core.settings.process_settings import (
    DEFAULT_HEARTBEAT_SECONDS,
    VARIABLES,
    Settings,
)
from mirastack_sdk.errors import ConfigurationError

TENANT_ACME = "824a1531-d24a-549c-8003-23b0f2d206cd"


def refusal_of(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_mapping(environ)
    return str(refusal.value)


@pytest.mark.contract("Environment: every variable has its default")
def test_an_empty_environment_gives_the_documented_defaults() -> None:
    """No variable is required."""
    assert Settings.from_mapping({}) == Settings(
        engine_addr=None,
        listen_addr=Address("", 0),
        advertise_addr=None,
        tenant_id="",
        heartbeat_interval=None,
        max_message_bytes=67_108_864,
        config_cache_ttl=15.0,
        telemetry_enabled=False,
        engine_encoding="auto",
        shutdown_grace=10.0,
        shutdown_delay=0.0,
        deregisters=True,
        log_level="INFO",
        log_format="text",
    )


@pytest.mark.contract("Environment: every variable reaches its setting")
def test_every_variable_reaches_its_field() -> None:
    """Each variable sets its own field."""
    environ = {
        "MIRASTACK_ENGINE_ADDR": "engine:9090",
        "MIRASTACK_PLUGIN_ADDR": "[::]:9000",
        "MIRASTACK_PLUGIN_ADVERTISE_ADDR": "my-agent:9000",
        "MIRASTACK_PLUGIN_TENANT_ID": "tenant-1",
        "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "2.5",
        "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES": "1048576",
        "MIRASTACK_SDK_CONFIG_CACHE_TTL": "0",
        "MIRASTACK_OTEL_ENABLED": "true",
        "MIRASTACK_ENGINE_ENCODING": "proto",
        "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "3",
        "MIRASTACK_PLUGIN_SHUTDOWN_DELAY": "4",
        "MIRASTACK_PLUGIN_DEREGISTER": "no",
        "MIRASTACK_LOG_LEVEL": "DEBUG",
        "MIRASTACK_LOG_FORMAT": "JSON",
    }
    assert Settings.from_mapping(environ) == Settings(
        engine_addr=Address("engine", 9090),
        listen_addr=Address("::", 9000),
        advertise_addr=Address("my-agent", 9000),
        tenant_id="tenant-1",
        heartbeat_interval=2.5,
        max_message_bytes=1_048_576,
        config_cache_ttl=0.0,
        telemetry_enabled=True,
        engine_encoding="proto",
        shutdown_grace=3.0,
        shutdown_delay=4.0,
        deregisters=False,
        log_level="DEBUG",
        log_format="json",
    )


@pytest.mark.parametrize("name", [variable.name for variable in VARIABLES])
def test_a_blank_variable_counts_as_not_set(name: str) -> None:
    """Deployment templates often leave empty values."""
    assert Settings.from_mapping({name: " \t"}) == Settings()


def test_blanks_around_a_value_do_not_matter() -> None:
    """A trailing newline from a mounted file is accepted."""
    settings = Settings.from_mapping({"MIRASTACK_ENGINE_ADDR": " engine:9090\n"})
    assert settings.engine_addr == Address("engine", 9090)


@pytest.mark.contract("Environment: the tenant id from a slug is a UUIDv5")
def test_the_slug_names_the_tenant() -> None:
    """The tenant's id is derived from the slug."""
    settings = Settings.from_mapping({"MIRASTACK_PLUGIN_TENANT_SLUG": " Acme "})
    assert settings.tenant_id == TENANT_ACME


@pytest.mark.contract("Environment: the tenant id wins over the slug")
def test_the_tenant_id_wins_over_the_slug() -> None:
    """If both are set, the id is used."""
    settings = Settings.from_mapping(
        {"MIRASTACK_PLUGIN_TENANT_ID": "t-1", "MIRASTACK_PLUGIN_TENANT_SLUG": "acme"}
    )
    assert settings.tenant_id == "t-1"


@pytest.mark.contract("Environment: MIRASTACK_OTEL_ENABLED turns telemetry on")
@pytest.mark.parametrize(
    ("text", "enabled"),
    [("true", True), ("TRUE", True), ("1", True), ("on", True), ("false", False), ("0", False)],
)
def test_telemetry_reads_the_usual_switches(text: str, enabled: bool) -> None:
    """The usual words for true and false are accepted in any case."""
    assert Settings.from_mapping({"MIRASTACK_OTEL_ENABLED": text}).telemetry_enabled is enabled


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60000", 60), ("1", 0.001), ("500ms", 0.5), ("1.5s", 1.5), ("2m", 120), ("24h", 86_400)],
)
def test_the_metric_interval_has_a_unit_or_is_in_milliseconds(text: str, seconds: float) -> None:
    """As the platform's other SDKs read it."""
    settings = Settings.from_mapping({"MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL": text})
    assert settings.metric_export_interval == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "25h", "10 s", "1d", "s", "0ms"])
def test_an_invalid_metric_interval(text: str) -> None:
    """It stops the start with an error that names the variable."""
    with pytest.raises(ConfigurationError, match=r"MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL must be"):
        Settings.from_mapping({"MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL": text})


@pytest.mark.parametrize(
    ("text", "level"), [("debug", "DEBUG"), ("Warn", "WARNING"), ("CRITICAL", "CRITICAL")]
)
def test_log_level_reads_the_usual_names(text: str, level: str) -> None:
    """Case does not matter, and WARN means WARNING."""
    assert Settings.from_mapping({"MIRASTACK_LOG_LEVEL": text}).log_level == level


@pytest.mark.contract("Environment: a value that cannot be used stops the start and is named")
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "MIRASTACK_ENGINE_ADDR",
            "engine",
            'must be host:port such as "engine:9090", got "engine": the port is missing',
        ),
        (
            "MIRASTACK_ENGINE_ADDR",
            "http://engine:9090",
            (
                'must be host:port such as "engine:9090", got "http://engine:9090": '
                "an address has no scheme, leave http:// out, write engine:9090"
            ),
        ),
        (
            "MIRASTACK_ENGINE_ADDR",
            ":9090",
            'must be host:port such as "engine:9090", got ":9090": the host is missing',
        ),
        (
            "MIRASTACK_ENGINE_ADDR",
            "engine:0",
            'must be host:port such as "engine:9090", got "engine:0": port 0 cannot be dialled',
        ),
        (
            "MIRASTACK_PLUGIN_ADDR",
            "9000",
            'must be host:port such as "0.0.0.0:9000" or ":9000", got "9000": the port is missing',
        ),
        (
            "MIRASTACK_PLUGIN_ADVERTISE_ADDR",
            "0.0.0.0:9000",
            (
                'must be host:port such as "my-agent:9000", got "0.0.0.0:9000": '
                "the engine cannot dial all interfaces back, write a host name"
            ),
        ),
        (
            "MIRASTACK_PLUGIN_TENANT_ID",
            "two words",
            ('must be a tenant id, got "two words": it contains spaces or unprintable characters'),
        ),
        (
            "MIRASTACK_PLUGIN_TENANT_SLUG",
            "a\udc80",
            (
                "must be a tenant slug such as \"acme\", got 'a\\udc80': "
                "it contains unprintable characters"
            ),
        ),
        (
            "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL",
            "30s",
            'must be a number of seconds from 0.01 to 86400 such as "30", got "30s"',
        ),
        (
            "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES",
            "64MB",
            'must be a whole number from 1024 to 4294967295, got "64MB"',
        ),
        (
            "MIRASTACK_SDK_CONFIG_CACHE_TTL",
            "-1",
            'must be a number of seconds from 0 to 86400 such as "15", got "-1"',
        ),
        ("MIRASTACK_OTEL_ENABLED", "maybe", 'must be true or false, got "maybe"'),
        ("MIRASTACK_ENGINE_ENCODING", "xml", 'must be auto, json or proto, got "xml"'),
        (
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE",
            "forever",
            'must be a number of seconds from 0 to 86400 such as "10", got "forever"',
        ),
        (
            "MIRASTACK_PLUGIN_MAX_CONNECTION_AGE",
            "5m",
            'must be a number of seconds from 0 to 86400 such as "300", got "5m"',
        ),
        (
            "MIRASTACK_PLUGIN_MAX_CONNECTION_AGE_GRACE",
            "-1",
            'must be a number of seconds from 0 to 86400 such as "600", got "-1"',
        ),
        (
            "MIRASTACK_PLUGIN_SHUTDOWN_DELAY",
            "5s",
            'must be a number of seconds from 0 to 86400 such as "5", got "5s"',
        ),
        ("MIRASTACK_PLUGIN_DEREGISTER", "never", 'must be true or false, got "never"'),
        (
            "MIRASTACK_LOG_LEVEL",
            "verbose",
            'must be DEBUG, INFO, WARNING, ERROR or CRITICAL, got "verbose"',
        ),
        ("MIRASTACK_LOG_FORMAT", "logfmt", 'must be text or json, got "logfmt"'),
    ],
)
def test_an_invalid_value_is_refused_in_one_sentence(name: str, value: str, sentence: str) -> None:
    """The sentence names the variable, the expected form and the value."""
    assert refusal_of({name: value}) == f"{name} {sentence}"


@pytest.mark.parametrize(
    "value", ["0", "nan", "inf", "1e3", "1_0", "٣٠", "0.001", "86401", "9" * 5000]
)
def test_a_heartbeat_interval_is_a_plain_positive_number(value: str) -> None:
    """Other texts that float() accepts are refused."""
    assert "HEARTBEAT_INTERVAL" in refusal_of({"MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": value})


def test_all_mistakes_are_reported_at_once() -> None:
    """There is one sentence per line, in the order of the table of variables."""
    lines = refusal_of(
        {
            "MIRASTACK_LOG_LEVEL": "x",
            "MIRASTACK_ENGINE_ADDR": "x",
            "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "x",
        }
    ).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        "MIRASTACK_ENGINE_ADDR",
        "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL",
        "MIRASTACK_LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "http://bob:hunter2@engine:9090",
        "bob:hunter2@engine:9090",
        "bob:hun@ter2/hunter2@engine:9090",
        "http://engine:9090/?token=hunter2",
        "hunter2@engine",
    ],
)
def test_no_sentence_holds_credentials(value: str) -> None:
    """A password in an address does not appear in the message."""
    assert "hunter2" not in refusal_of({"MIRASTACK_ENGINE_ADDR": value})


def test_a_long_value_is_shown_in_part() -> None:
    """A long value is cut in the message."""
    assert len(refusal_of({"MIRASTACK_LOG_LEVEL": "x" * 10_000})) < 200


def test_settings_cannot_be_changed() -> None:
    """Settings are read once and stay the same for the life of the process."""
    with pytest.raises(FrozenInstanceError):
        setattr(Settings(), "tenant_id", "other")  # noqa: B010 - a plain assignment does not type-check


def test_each_variable_is_in_the_table_once() -> None:
    """The documentation is checked against the table."""
    names = [variable.name for variable in VARIABLES]
    assert len(names) == len(set(names))
    assert all(variable.meaning and variable.default for variable in VARIABLES)


NO_VALUES = {
    "none",
    "all interfaces, a free port",
    "hostname:port",
    "any name",
    "a minute",
    "one for each CPU",
    "true if another MIRASTACK_ENGINE_TLS_* is set",
    "the system's CAs",
    "the engine's host",
}
"""Defaults that the documentation gives in words."""


@pytest.mark.parametrize(
    ("name", "default"),
    [
        (variable.name, variable.default)
        for variable in VARIABLES
        if variable.default not in NO_VALUES
    ],
)
def test_a_printed_default_is_the_real_one(name: str, default: str) -> None:
    """Setting a variable to its documented default changes nothing."""
    settings = Settings.from_mapping({name: default})
    if settings.heartbeat_interval == DEFAULT_HEARTBEAT_SECONDS:
        settings = replace(settings, heartbeat_interval=None)
    assert settings == Settings()


def test_the_limits_of_connections() -> None:
    """Their number, their age and the grace period are numbers of their own; none is required."""
    environ = {
        "MIRASTACK_PLUGIN_MAX_CONNECTIONS": "7",
        "MIRASTACK_PLUGIN_MAX_CONNECTION_AGE": "300.5",
        "MIRASTACK_PLUGIN_MAX_CONNECTION_AGE_GRACE": "60",
    }
    assert Settings.from_mapping(environ).limits == ServingLimits(
        max_connections=7, max_connection_age=300.5, max_connection_age_grace=60.0
    )
    assert Settings.from_mapping({}).limits == ServingLimits(
        max_connection_age=0.0, max_connection_age_grace=0.0
    )
