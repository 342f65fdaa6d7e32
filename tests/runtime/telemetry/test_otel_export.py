"""The destination of records: exporters, providers, the log, and the shutdown."""

import asyncio
import logging
import threading
from collections.abc import Mapping

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.trace import TracerProvider

from mirastack_sdk import ConfigurationError
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk._runtime.lifecycle import run_agent
from mirastack_sdk._runtime.telemetry.otel_export import Destination, exporter_names
from tests.runtime.telemetry.conftest import Globals
from tests.runtime.telemetry_in_memory import RunningAgent, answer

NONE = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}


def agent() -> CheckedPlugin:
    return checked_plugin(RunningAgent(answer))


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, ["otlp_proto_http"]),
        ({"OTEL_TRACES_EXPORTER": " "}, ["otlp_proto_http"]),
        ({"OTEL_TRACES_EXPORTER": "none"}, []),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ["console", "otlp_proto_http"]),
        ({"OTEL_METRICS_EXPORTER": "none"}, ["otlp_proto_http"]),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ["otlp_proto_grpc"]),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"}, ["otlp_proto_grpc"]),
        ({"OTEL_TRACES_EXPORTER": "otlp_proto_grpc"}, ["otlp_proto_grpc"]),
    ],
)
def test_the_variables_choose_the_exporters(environ: Mapping[str, str], names: list[str]) -> None:
    """OTLP over HTTP unless the standard variables say otherwise, each signal for itself."""
    assert exporter_names(environ, "traces") == names


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "carrier/pigeon"},
            'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or grpc, got "carrier/pigeon"',
        ),
        ({"OTEL_TRACES_EXPORTER": "carrier"}, "'carrier', which no installed package offers"),
        (
            NONE | {"OTEL_METRICS_EXPORTER": "carrier"},
            "OTEL_METRICS_EXPORTER asks for the exporter",
        ),
    ],
)
def test_exporters_that_do_not_exist(
    process: Globals, environ: Mapping[str, str], words: str
) -> None:
    """What cannot be had stops the start with one sentence that names it."""
    with pytest.raises(ConfigurationError) as caught:
        Destination.of(agent(), environ)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.contract("What operators' dashboards read: sampling, parent-based, by the ratio alone")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "root:TraceIdRatioBased{1.0}"),
        ({"OTEL_TRACES_SAMPLER_ARG": "0.25"}, "root:TraceIdRatioBased{0.25}"),
        ({"OTEL_TRACES_SAMPLER_ARG": "0"}, "root:TraceIdRatioBased{0.0}"),
        # An operator who names a sampler gets that one.
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, "root:AlwaysOffSampler"),
    ],
)
def test_sampling_is_by_the_ratio_alone(
    process: Globals, monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], expected: str
) -> None:
    """The caller's decision holds, and where a trace begins, the ratio decides."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    provider = Destination.of(agent(), {**NONE, **environ}).tracer_provider
    assert isinstance(provider, TracerProvider)
    description = provider.sampler.get_description()
    assert description.startswith("ParentBased{")
    assert expected in description


@pytest.mark.parametrize("ratio", ["1.1", "-0.5", "half", "nan", "1e3"])
def test_a_ratio_that_is_none(process: Globals, ratio: str) -> None:
    """What is no number from 0 to 1 stops the start and is named."""
    with pytest.raises(ConfigurationError) as caught:
        Destination.of(agent(), NONE | {"OTEL_TRACES_SAMPLER_ARG": ratio})
    assert str(caught.value) == (
        f'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1 such as "0.25", got "{ratio}"'
    )


async def test_an_exporter_that_cannot_be_had_stops_the_start(process: Globals) -> None:
    """The start ends before the agent listens."""
    ports: list[int] = []
    with pytest.raises(ConfigurationError, match="carrier/pigeon"):
        await run_agent(
            agent(),
            Settings(telemetry_enabled=True),
            stop=asyncio.Event(),
            on_listening=ports.append,
            clock=SystemClock(),
            environ={"OTEL_EXPORTER_OTLP_PROTOCOL": "carrier/pigeon"},
        )
    assert ports == []


def test_variables_that_opentelemetry_cannot_use(
    process: Globals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What OpenTelemetry itself refuses becomes a sentence too."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    with pytest.raises(ConfigurationError, match=r"cannot use its OTEL_\* variables: .*queue"):
        Destination.of(agent(), {})


def test_without_providers_they_are_made_and_set(process: Globals) -> None:
    """Where nobody has set providers, the agent's become the process's, for the author's spans."""
    destination = Destination.of(agent(), NONE)
    assert process.tracing == [destination.tracer_provider]
    assert process.metering == [destination.meter_provider]
    assert len(destination.shutdowns) == 2


def test_each_signal_keeps_the_provider_it_has(process: Globals) -> None:
    """An author who traces and does not measure gets a meter provider, and keeps the other."""
    own = TracerProvider(shutdown_on_exit=False)
    process.tracing.append(own)
    destination = Destination.of(agent(), NONE)
    assert destination.tracer_provider is own
    assert process.tracing == [own]
    assert process.metering == [destination.meter_provider]
    assert len(destination.shutdowns) == 1


def test_an_agent_served_again_has_providers_of_its_own(process: Globals) -> None:
    """A predecessor's providers, which have been shut down, are not taken for the author's."""
    first = Destination.of(agent(), NONE)
    second = Destination.of(agent(), NONE)
    assert second.tracer_provider is not first.tracer_provider
    assert second.meter_provider is not first.meter_provider
    assert process.tracing == [first.tracer_provider]
    assert len(second.shutdowns) == 2


@pytest.mark.contract("What operators' dashboards read: the resource attributes")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, {"service.name": "my_agent", "service.version": "1.0.0"}),
        (
            {"OTEL_SERVICE_VERSION": "3", "OTEL_RESOURCE_ATTRIBUTES": "service.version=2"},
            {"service.version": "3"},
        ),
        (
            {
                "OTEL_RESOURCE_ATTRIBUTES": (
                    "mirastack.tenant_id=t-1,region=eu,mirastack.component_kind=engine"
                )
            },
            {
                "mirastack.component_kind": "agent",
                "mirastack.tenant_id": "t-1",
                "region": "eu",
            },
        ),
        ({"OTEL_SERVICE_NAME": "other"}, {"service.name": "other", "service.version": "1.0.0"}),
        (
            {"OTEL_RESOURCE_ATTRIBUTES": "service.version=2,deployment.environment.name=test"},
            {
                "service.name": "my_agent",
                "service.version": "2",
                "deployment.environment.name": "test",
            },
        ),
    ],
)
def test_records_are_about_the_agent(
    process: Globals,
    monkeypatch: pytest.MonkeyPatch,
    environ: Mapping[str, str],
    expected: Mapping[str, str],
) -> None:
    """Its name, version and instance, where the environment does not know better."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    subject = agent()
    provider = Destination.of(subject, {**NONE, **environ}).tracer_provider
    assert isinstance(provider, TracerProvider)
    attributes = provider.resource.attributes
    assert {name: attributes[name] for name in expected} == expected
    assert attributes["service.instance.id"] == subject.instance_id
    assert attributes["mirastack.component_kind"] == "agent"


def test_the_console_is_standard_error(process: Globals, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output carries the port line alone, also with the console exporter."""
    console = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "console"}
    destination = Destination.of(agent(), console)
    destination.tracer_provider.get_tracer("test").start_span("a_span").end()
    destination.meter_provider.get_meter("test").create_counter("a_counter").add(1)
    for shutdown in destination.shutdowns:
        shutdown()
    process.tracing.clear()
    process.metering.clear()
    output = capfd.readouterr()
    assert output.out == ""
    assert "a_span" in output.err
    assert "a_counter" in output.err


def test_a_collector_out_of_reach_is_complained_of_once_in_a_while(
    process: Globals, caplog: pytest.LogCaptureFixture
) -> None:
    """The same complaint of an exporter is logged once in five minutes, another one at once."""
    Destination.of(agent(), {"OTEL_METRICS_EXPORTER": "none"})
    log = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    minutes = 60.0
    for created in (0.0, 1 * minutes, 4.9 * minutes, 5.1 * minutes, 6 * minutes):
        record = log.makeRecord(log.name, logging.WARNING, "", 0, "no answer in %s", (1,), None)
        record.created = 1e9 + created
        log.handle(record)
    log.warning("another complaint")
    assert [record.getMessage() for record in caplog.records] == [
        "no answer in 1",
        "no answer in 1",
        "another complaint",
    ]


async def test_the_end_does_not_wait_for_a_collector_beyond_its_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Providers that do not come to an end are left behind, off the loop, with a warning."""
    release, threads = threading.Event(), list[threading.Thread]()

    def hang() -> None:
        threads.append(threading.current_thread())
        release.wait(60)

    destination = Destination(
        tracer_provider=TracerProvider(shutdown_on_exit=False),
        meter_provider=metrics.NoOpMeterProvider(),
        shutdowns=(hang,),
    )
    async with asyncio.timeout(3):
        await destination.close(0.1)
    release.set()
    assert threads[0] is not threading.main_thread()
    assert threads[0].daemon
    assert "the last telemetry was not sent" in caplog.text


async def test_providers_that_fail_at_the_end_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A provider that raises when it ends does not keep the others, or the agent, from ending."""
    ended: list[str] = []

    def fail() -> None:
        raise RuntimeError("reader is stuck")

    destination = Destination(
        tracer_provider=TracerProvider(shutdown_on_exit=False),
        meter_provider=metrics.NoOpMeterProvider(),
        shutdowns=(fail, lambda: ended.append("other")),
    )
    await destination.close(20)
    assert ended == ["other"]
    assert "reader is stuck" in caplog.text
