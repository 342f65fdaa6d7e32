"""The choice of OTLP over gRPC or HTTP, each signal for itself, by OpenTelemetry's variables."""

from collections.abc import Mapping

import pytest

from mirastack_sdk import ConfigurationError
from mirastack_sdk._runtime.telemetry.otlp_target import Protocol, otlp_target

PROTOCOL, ENDPOINT = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_ENDPOINT"
INSECURE = "OTEL_EXPORTER_OTLP_INSECURE"
GRPC = {PROTOCOL: "grpc"}
HTTP = {PROTOCOL: "http/protobuf"}


@pytest.mark.contract("Environment: OTLP over gRPC to port 4317, host:port alone")
@pytest.mark.parametrize(
    ("environ", "protocol", "endpoint"),
    [
        ({}, "http/protobuf", "http://localhost:4318/v1/traces"),
        ({ENDPOINT: "  "}, "http/protobuf", "http://localhost:4318/v1/traces"),
        ({ENDPOINT: "http://otel-collector:4317"}, "grpc", "otel-collector:4317"),
        ({ENDPOINT: "https://otel-collector:4317/"}, "grpc", "otel-collector:4317"),
        ({ENDPOINT: "otel-collector:4317"}, "grpc", "otel-collector:4317"),
        ({ENDPOINT: "otel-collector:9999"}, "grpc", "otel-collector:9999"),
        ({ENDPOINT: "[::1]:4317"}, "grpc", "[::1]:4317"),
        ({ENDPOINT: "http://c:4318"}, "http/protobuf", "http://c:4318/v1/traces"),
        ({ENDPOINT: "https://c/otlp/"}, "http/protobuf", "https://c/otlp/v1/traces"),
        # The variable wins over what the endpoint looks like.
        (GRPC, "grpc", "localhost:4317"),
        ({PROTOCOL: " GRPC "}, "grpc", "localhost:4317"),
        (GRPC | {ENDPOINT: "https://c:443"}, "grpc", "c:443"),
        (HTTP | {ENDPOINT: "http://c:4317"}, "http/protobuf", "http://c:4317/v1/traces"),
        # What is said of traces alone wins over what is said of all signals.
        (HTTP | {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, "grpc", "localhost:4317"),
        (
            {ENDPOINT: "c:4317", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t:4318/here"},
            "http/protobuf",
            "http://t:4318/here",
        ),
        (
            {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"},
            "http/protobuf",
            "http://localhost:4318/v1/traces",
        ),
        # Credentials are for HTTP alone.
        ({ENDPOINT: "http://user:hunter2@c:4317"}, "grpc", "c:4317"),
    ],
)
def test_the_protocol_and_the_endpoint(
    environ: Mapping[str, str], protocol: Protocol, endpoint: str
) -> None:
    """Without a protocol, port 4317 and a bare host:port mean gRPC, everything else HTTP."""
    target = otlp_target(environ, "traces")
    assert (target.protocol, target.endpoint) == (protocol, endpoint)


@pytest.mark.contract("Environment: OTEL_EXPORTER_OTLP_INSECURE")
@pytest.mark.parametrize(
    ("environ", "insecure"),
    [
        ({ENDPOINT: "http://c:4317"}, True),
        ({ENDPOINT: "https://c:4317"}, False),
        ({ENDPOINT: "c:4317"}, False),
        ({ENDPOINT: "c:4317", INSECURE: "true"}, True),
        ({ENDPOINT: "c:4317", INSECURE: "false"}, False),
        ({ENDPOINT: "https://c:4317", INSECURE: "true"}, False),
        ({ENDPOINT: "http://c:4317", INSECURE: "false"}, True),
        (
            {ENDPOINT: "c:4317", INSECURE: "true", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "false"},
            False,
        ),
    ],
)
def test_whether_tls_is_used(environ: Mapping[str, str], *, insecure: bool) -> None:
    """The scheme decides; without one, TLS is used unless the variable says otherwise."""
    target = otlp_target(environ, "traces")
    assert target.insecure is insecure
    assert target.description == f"c:4317 over gRPC {'without' if insecure else 'with'} TLS"


def test_the_log_says_where_and_why_without_credentials() -> None:
    """What an operator reads at the start names the address and the variable, and no password."""
    target = otlp_target({ENDPOINT: "http://user:hunter2@c:4318/v1"}, "metrics")
    assert target.description == "c:4318 over HTTP without TLS"
    assert target.chosen_by == ENDPOINT
    assert (
        otlp_target({ENDPOINT: "http://c:4317"}, "metrics").chosen_by == f"port 4317 in {ENDPOINT}"
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {PROTOCOL: "carrier/pigeon"},
            f'{PROTOCOL} must be http/protobuf or grpc, got "carrier/pigeon"',
        ),
        (
            {ENDPOINT: "collector"},
            'or for gRPC host:port such as "collector:4317", got "collector": the port is missing',
        ),
        ({ENDPOINT: "http://:4318"}, "the host is missing"),
        ({ENDPOINT: "ftp://c:4318"}, "the scheme must be http or https"),
        ({ENDPOINT: "http://c:99999"}, "port out of range"),
        ({ENDPOINT: "c:port"}, "port could not be cast"),
        ({ENDPOINT: "my collector:4317"}, "a host has no blanks"),
        ({ENDPOINT: "c:4317", INSECURE: "maybe"}, f'{INSECURE} must be true or false, got "maybe"'),
        (
            HTTP | {ENDPOINT: "c:4318"},
            f"{ENDPOINT} must be a URL for OTLP over HTTP, with http:// or https:// before",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence(environ: Mapping[str, str], sentence: str) -> None:
    """It names the variable, the value and what was expected."""
    with pytest.raises(ConfigurationError) as caught:
        otlp_target(environ, "traces")
    assert sentence in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_no_credentials_in_the_sentence() -> None:
    """Also an endpoint that cannot be used keeps its password to itself."""
    with pytest.raises(ConfigurationError) as caught:
        otlp_target({ENDPOINT: "ftp://user:hunter2@c:4318"}, "traces")
    assert "hunter2" not in str(caught.value)
