"""Variables of telemetry in an `environ` of `serve_async`'s own."""

import pytest

from mirastack_sdk import ConfigurationError, serve_async
from mirastack_sdk._runtime.telemetry.process_variables import seen_by_opentelemetry
from tests.runtime.telemetry_in_memory import RunningAgent, answer

READ_BY_OPENTELEMETRY = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_TRACES_SAMPLER",
    "OTEL_PROPAGATORS",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_SDK_DISABLED",
]
READ_BY_THE_SDK = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_SERVICE_VERSION",
    "OTEL_TRACES_SAMPLER_ARG",
    "MIRASTACK_OTEL_ENABLED",
]


@pytest.mark.parametrize("there", ["", "another"])
@pytest.mark.parametrize("name", READ_BY_OPENTELEMETRY)
def test_what_opentelemetry_would_not_see_is_refused(name: str, there: str) -> None:
    """A password for the collector, say, is never ignored silently."""
    with pytest.raises(ConfigurationError) as caught:
        seen_by_opentelemetry({name: "value"}, {name: there})
    assert str(caught.value) == (
        f"{name} has no effect in `environ`: OpenTelemetry reads it from the process's "
        "environment, so set it there"
    )


@pytest.mark.parametrize("name", READ_BY_OPENTELEMETRY)
@pytest.mark.parametrize("own", ["", " ", "value"])
def test_what_opentelemetry_reads_is_the_process_s(name: str, own: str) -> None:
    """The SDK decides by the value that is used: which files must be there, say."""
    process = {name: "value"}
    assert seen_by_opentelemetry({name: own}, process) == process
    assert seen_by_opentelemetry({}, process) == process


@pytest.mark.parametrize("name", READ_BY_THE_SDK)
def test_what_the_sdk_reads_is_that_of_environ(name: str) -> None:
    """The process's value has no effect, whether `environ` has one or none."""
    assert seen_by_opentelemetry({name: "own"}, {name: "other"}) == {name: "own"}
    assert seen_by_opentelemetry({}, {name: "other"}) == {}


def test_the_argument_of_a_sampler_belongs_to_the_sampler() -> None:
    """A sampler that the process names is made by OpenTelemetry, with the process's argument."""
    process = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}
    assert seen_by_opentelemetry({}, process) == process
    with pytest.raises(ConfigurationError, match="OTEL_TRACES_SAMPLER_ARG has no effect"):
        seen_by_opentelemetry({"OTEL_TRACES_SAMPLER_ARG": "0.1"}, process)


async def test_an_agent_does_not_start_without_its_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`serve_async` names every one of them."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_HEADERS", raising=False)
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    environ = {
        "MIRASTACK_OTEL_ENABLED": "true",
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_SERVICE_NAME": "restarter",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=secret",
    }
    with pytest.raises(ConfigurationError) as caught:
        await serve_async(RunningAgent(answer), environ=environ)
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines] == [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_SERVICE_NAME",
    ]
    assert "secret" not in str(caught.value)
