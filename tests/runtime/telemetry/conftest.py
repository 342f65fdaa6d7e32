"""A process whose global providers nobody has set yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import ProxyTracerProvider


@dataclass
class Globals:
    """A process's global providers, none at first."""

    tracing: list[object] = field(default_factory=list)
    metering: list[object] = field(default_factory=list)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[Globals]:
    """A process in which nobody has set a provider yet."""
    unset_tracing, unset_metering = ProxyTracerProvider(), metrics.NoOpMeterProvider()
    process = Globals()
    monkeypatch.setattr(trace, "set_tracer_provider", process.tracing.append)
    monkeypatch.setattr(metrics, "set_meter_provider", process.metering.append)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: [unset_tracing, *process.tracing][-1])
    monkeypatch.setattr(
        metrics, "get_meter_provider", lambda: [unset_metering, *process.metering][-1]
    )
    yield process
    for provider in process.tracing + process.metering:
        if isinstance(provider, TracerProvider | MeterProvider):
            provider.shutdown()
