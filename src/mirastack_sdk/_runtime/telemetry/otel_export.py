"""The destination of OpenTelemetry's records: providers, exporters, and their shutdown."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from mirastack_sdk._core.redaction.clean import describe_exception
from mirastack_sdk._core.settings.variable import Variable, number
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.telemetry.action_records import AGENT, COMPONENT_KIND
from mirastack_sdk._runtime.telemetry.collector_headers import NO_HEADERS
from mirastack_sdk._runtime.telemetry.exporter_warnings import limit_warnings
from mirastack_sdk._runtime.telemetry.otlp_target import (
    Protocol,
    Signal,
    otlp_target,
    variable_names,
)
from mirastack_sdk._threads import run_in_thread
from mirastack_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.trace.sampling import Sampler
    from opentelemetry.trace import TracerProvider

_LOG = Log("telemetry")

# The names under which OpenTelemetry's packages offer their exporters, and our extras with them.
_OTLP: Mapping[str, Protocol] = {"otlp_proto_http": "http/protobuf", "otlp_proto_grpc": "grpc"}
_EXPORTERS: Mapping[Protocol, str] = {protocol: name for name, protocol in _OTLP.items()}
_EXTRAS: Mapping[str, str] = {"otlp_proto_http": "otel", "otlp_proto_grpc": "otel-grpc"}
_FILES = ("CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE")
_SIGNALS: tuple[Signal, ...] = ("traces", "metrics")

_SAMPLING_RATIO = Variable(
    name="OTEL_TRACES_SAMPLER_ARG",
    meaning="the share of traces that is recorded, of those that begin here",
    default="1",
    expected='a number from 0 to 1 such as "0.25"',
    parse=number(0, 1),
    fallback=1.0,
)

# How long to wait for a collector that does not respond.
_CLOSE_SECONDS = 5.0
_SHOWN = 80
# A process keeps its global provider: an agent that is served after another one must not mistake
# that of its predecessor for the author's.
_MADE_HERE: WeakSet[object] = WeakSet()


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The providers that records go to.

    `shutdowns` end those that were created for the agent. Providers of the author's, which take
    precedence, are the author's to end.
    """

    tracer_provider: "TracerProvider"
    meter_provider: "MeterProvider"
    shutdowns: tuple[Callable[[], object], ...]

    @classmethod
    def of(
        cls,
        agent: CheckedPlugin,
        environ: Mapping[str, str],
        metric_interval: float | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Self:
        """Use the process's providers, or create them from OpenTelemetry's variables in `environ`.

        Metrics are sent every `metric_interval` seconds; `None` leaves that to the variables, as
        empty `headers` do.
        Raises `ConfigurationError` when a package is missing or a variable cannot be used.
        """
        try:
            return cls._made(agent, environ, metric_interval, headers)
        except ImportError as error:
            names = [name for signal in _SIGNALS for name in exporter_names(environ, signal)]
            raise ConfigurationError(
                "MIRASTACK_OTEL_ENABLED is true, but OpenTelemetry is not installed "
                f"({describe_exception(error)}): {_how_to_install(names)}"
            ) from error
        except ConfigurationError:
            raise
        except Exception as error:  # the one edge between OpenTelemetry's errors and ours
            raise ConfigurationError(
                "MIRASTACK_OTEL_ENABLED is true, but OpenTelemetry cannot use its OTEL_* "
                f"variables: {describe_exception(error)}"
            ) from error

    @classmethod
    def _made(
        cls,
        agent: CheckedPlugin,
        environ: Mapping[str, str],
        metric_interval: float | None,
        headers: Mapping[str, str],
    ) -> Self:
        resource = _resource(agent, environ)
        tracer_provider, end_tracing = _tracer_provider(resource, environ, headers)
        meter_provider, end_metering = _meter_provider(resource, environ, metric_interval, headers)
        return cls(
            tracer_provider=tracer_provider,
            meter_provider=meter_provider,
            shutdowns=(*end_tracing, *end_metering),
        )

    async def close(self, timeout: float) -> None:
        """Send what is left and shut down, within `timeout` seconds and off the event loop."""
        ends = [run_in_thread(end, name="mirastack-telemetry") for end in self.shutdowns]
        try:
            async with asyncio.timeout(min(timeout, _CLOSE_SECONDS)):
                outcomes = await asyncio.gather(*ends, return_exceptions=True)
        except TimeoutError:
            _LOG.warning("the last telemetry was not sent: the collector did not respond in time")
            return
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                _LOG.warning("telemetry could not be shut down: %s", outcome)


def exporter_names(environ: Mapping[str, str], signal: Signal) -> list[str]:
    """Return the exporters that the environment asks for, by the names packages offer them under.

    OTLP unless it says otherwise; none at all for `none`. Raises `ConfigurationError`.
    """
    asked = environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip() or "otlp"
    names = [name.strip() for name in asked.split(",")]
    return [
        _EXPORTERS[otlp_target(environ, signal).protocol] if name == "otlp" else name
        for name in names
        if name and name != "none"
    ]


def _how_to_install(names: Iterable[str]) -> str:
    """The command that installs what the exporters need."""
    extras = sorted({_EXTRAS[name] for name in names if name in _EXTRAS}) or ["otel"]
    return f'pip install "mirastack-agents-sdk-python[{",".join(extras)}]"'


def _resource(agent: CheckedPlugin, environ: Mapping[str, str]) -> "Resource":
    """Return who the records are about; what the environment says of it wins.

    But an agent is an agent, also where it inherits the variables of the engine that started it.
    """
    from opentelemetry.sdk.resources import (  # noqa: PLC0415 - an optional extra
        OTELResourceDetector,
        Resource,
    )

    own = {
        "service.name": agent.info.name,
        "service.version": agent.info.version,
        "service.instance.id": agent.instance_id,
    }
    certain = {COMPONENT_KIND: AGENT}
    if version := environ.get("OTEL_SERVICE_VERSION", "").strip():
        certain["service.version"] = version
    return Resource.create(own).merge(OTELResourceDetector().detect()).merge(Resource(certain))


def _tracer_provider(
    resource: "Resource", environ: Mapping[str, str], headers: Mapping[str, str]
) -> "tuple[TracerProvider, list[Callable[[], object]]]":
    from opentelemetry import trace  # noqa: PLC0415 - an optional extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - likewise
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - likewise

    current = trace.get_tracer_provider()
    is_unset = isinstance(current, trace.ProxyTracerProvider)
    if not is_unset and current not in _MADE_HERE:
        return current, []
    made = TracerProvider(_sampler(environ), resource, shutdown_on_exit=False)
    for exporter in _span_exporters(environ, headers):
        made.add_span_processor(BatchSpanProcessor(exporter))
    _MADE_HERE.add(made)
    if is_unset:
        trace.set_tracer_provider(made)
    return made, [made.shutdown]


def _sampler(environ: Mapping[str, str]) -> "Sampler | None":
    """Sample by the ratio alone, as the platform's other SDKs do, and as the caller has decided.

    `None`, which leaves it to OpenTelemetry, if the operator names a sampler.
    """
    from opentelemetry.sdk.trace.sampling import (  # noqa: PLC0415 - an optional extra
        ParentBasedTraceIdRatio,
    )

    if environ.get("OTEL_TRACES_SAMPLER", "").strip():
        return None
    errors: list[str] = []
    ratio = _SAMPLING_RATIO.read(environ, errors)
    if errors:
        raise ConfigurationError(errors[0])
    return ParentBasedTraceIdRatio(ratio)


def _meter_provider(
    resource: "Resource",
    environ: Mapping[str, str],
    metric_interval: float | None,
    headers: Mapping[str, str],
) -> "tuple[MeterProvider, list[Callable[[], object]]]":
    from opentelemetry import metrics  # noqa: PLC0415 - an optional extra
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - likewise

    current = metrics.get_meter_provider()
    # What stands there while none has been set has no public name.
    is_unset = not isinstance(current, MeterProvider)
    if not is_unset and current not in _MADE_HERE:
        return current, []
    readers = list(_metric_readers(environ, metric_interval, headers))
    made = MeterProvider(readers, resource, shutdown_on_exit=False)
    _MADE_HERE.add(made)
    if is_unset:
        metrics.set_meter_provider(made)
    return made, [made.shutdown]


def _span_exporters(
    environ: Mapping[str, str], headers: Mapping[str, str]
) -> "Iterator[SpanExporter]":
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415 - an optional extra
        ConsoleSpanExporter,
        SpanExporter,
    )

    for name in exporter_names(environ, "traces"):
        # Standard output carries the port line alone.
        made = (
            ConsoleSpanExporter(out=sys.stderr)
            if name == "console"
            else _exporter(environ, "traces", name, headers)
        )
        if not isinstance(made, SpanExporter):
            raise ConfigurationError(f"OTEL_TRACES_EXPORTER: {name} exports no spans")
        yield made


def _metric_readers(
    environ: Mapping[str, str], interval: float | None, headers: Mapping[str, str]
) -> "Iterator[MetricReader]":
    from opentelemetry.sdk.metrics.export import (  # noqa: PLC0415 - an optional extra
        ConsoleMetricExporter,
        MetricExporter,
        MetricReader,
        PeriodicExportingMetricReader,
    )

    for name in exporter_names(environ, "metrics"):
        # Standard output carries the port line alone.
        made = (
            ConsoleMetricExporter(out=sys.stderr)
            if name == "console"
            else _exporter(environ, "metrics", name, headers)
        )
        if isinstance(made, MetricExporter):
            yield PeriodicExportingMetricReader(made, interval and interval * 1000)
        elif isinstance(made, MetricReader):
            yield made
        else:
            raise ConfigurationError(f"OTEL_METRICS_EXPORTER: {name} exports no metrics")


def _exporter(
    environ: Mapping[str, str], signal: Signal, name: str, headers: Mapping[str, str]
) -> object:
    """Return a new exporter of the kind that a package offers under `name`.

    One for OTLP sends `headers`, or if there are none, those of OpenTelemetry's variables.
    """
    offers = entry_points(group=f"opentelemetry_{signal}_exporter", name=name)
    protocol = _OTLP.get(name)
    if protocol is None:
        if not offers:
            raise ConfigurationError(
                f"OTEL_{signal.upper()}_EXPORTER asks for the exporter {name[:_SHOWN]!r}, "
                "which no installed package offers"
            )
        return _quieted(*offers, arguments={})
    target = otlp_target(environ, signal, only=protocol)
    if not offers:
        raise ConfigurationError(
            f"{signal} go to {target.description} ({target.chosen_by}), but the exporter for that "
            f"is not installed: {_how_to_install([name])}"
        )
    if not target.insecure:
        _require_files(environ, signal)
    _LOG.info("%s go to %s (%s)", signal, target.description, target.chosen_by)
    arguments: dict[str, object] = {"endpoint": target.endpoint}
    if headers:
        arguments["headers"] = headers
    if protocol == "grpc":
        arguments["insecure"] = target.insecure
    return _quieted(*offers, arguments=arguments)


def _require_files(environ: Mapping[str, str], signal: Signal) -> None:
    """Raise `ConfigurationError` for a file that is not there: exporters would go on without it."""
    for setting in _FILES:
        for name in variable_names(signal, setting):
            path = environ.get(name, "").strip()
            if path and not Path(path).is_file():
                raise ConfigurationError(
                    f"{name} must be the path of a PEM file, got {path[:_SHOWN]!r}: no such file"
                )


def _quieted(offer: EntryPoint, *_: EntryPoint, arguments: Mapping[str, object]) -> object:
    exporter: object = offer.load()(**arguments)
    limit_warnings(kind.__module__ for kind in type(exporter).__mro__)
    return exporter
