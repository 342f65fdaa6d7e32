"""The exporters of OTLP: the extra that has them, and the files that they read."""

from collections.abc import Mapping
from importlib.metadata import EntryPoints

import pytest

from mirastack_sdk import ConfigurationError
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.telemetry import otel_export
from mirastack_sdk._runtime.telemetry.otel_export import Destination
from tests.runtime.telemetry.conftest import Globals
from tests.runtime.telemetry_in_memory import RunningAgent, answer


def agent() -> CheckedPlugin:
    return checked_plugin(RunningAgent(answer))


@pytest.mark.parametrize(
    ("environ", "words", "extra"),
    [
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"},
            (
                "traces go to collector:4317 over gRPC without TLS "
                "(port 4317 in OTEL_EXPORTER_OTLP_ENDPOINT)"
            ),
            "otel-grpc",
        ),
        (
            {"OTEL_TRACES_EXPORTER": "otlp_proto_grpc"},
            "traces go to localhost:4317 over gRPC without TLS (OTEL_TRACES_EXPORTER)",
            "otel-grpc",
        ),
        ({}, "traces go to localhost:4318 over HTTP without TLS (default)", "otel"),
    ],
)
def test_a_missing_exporter_says_which_extra_has_it(
    process: Globals,
    monkeypatch: pytest.MonkeyPatch,
    environ: Mapping[str, str],
    words: str,
    extra: str,
) -> None:
    """Where only the other extra is installed, one sentence says what to install, and why."""
    monkeypatch.setattr(otel_export, "entry_points", lambda **_: EntryPoints())
    with pytest.raises(ConfigurationError) as caught:
        Destination.of(agent(), environ)
    assert str(caught.value) == (
        f"{words}, but the exporter for that is not installed: "
        f'pip install "mirastack-agents-sdk-python[{extra}]"'
    )


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
@pytest.mark.parametrize("setting", ["CERTIFICATE", "CLIENT_KEY", "TRACES_CLIENT_CERTIFICATE"])
def test_a_file_that_is_not_there(process: Globals, protocol: str, setting: str) -> None:
    """With TLS it stops the start and is named; without TLS nobody reads it."""
    name = f"OTEL_EXPORTER_OTLP_{setting}"
    environ = {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, name: "/nowhere/ca.pem"}
    with pytest.raises(ConfigurationError) as caught:
        Destination.of(agent(), environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:1"})
    assert str(caught.value) == (
        f"{name} must be the path of a PEM file, got '/nowhere/ca.pem': no such file"
    )
    Destination.of(agent(), environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
