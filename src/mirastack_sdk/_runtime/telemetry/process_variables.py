"""The variables that OpenTelemetry reads by itself, from the process's environment."""

from collections.abc import Iterator, Mapping
from itertools import product

from mirastack_sdk._runtime.telemetry.otlp_target import Signal, variable_names
from mirastack_sdk.errors import ConfigurationError

_PREFIX = "OTEL_"
_SIGNALS: tuple[Signal, ...] = ("traces", "metrics")
_SETTINGS = ("PROTOCOL", "ENDPOINT", "INSECURE")
_RATIO = "OTEL_TRACES_SAMPLER_ARG"
# What the SDK reads itself, and gives to OpenTelemetry as arguments.
_READ_HERE = frozenset(
    (
        "OTEL_TRACES_EXPORTER",
        "OTEL_METRICS_EXPORTER",
        "OTEL_SERVICE_VERSION",
        _RATIO,
        *(
            name
            for signal, setting in product(_SIGNALS, _SETTINGS)
            for name in variable_names(signal, setting)
        ),
    )
)


def seen_by_opentelemetry(
    environ: Mapping[str, str], process: Mapping[str, str]
) -> Mapping[str, str]:
    """Return `environ`, with what OpenTelemetry reads from the environment of the `process`.

    Raises `ConfigurationError`, with one line for each variable that has a value in `environ` only:
    OpenTelemetry would go on without it, for example without the collector's password.
    """
    theirs = {name: value for name, value in process.items() if _is_theirs(name, process)}
    without_effect = sorted(
        name
        for name in environ
        if _is_theirs(name, process)
        and environ[name].strip() not in {"", theirs.get(name, "").strip()}
    )
    if without_effect:
        raise ConfigurationError("\n".join(_sentences(without_effect)))
    return {**environ, **theirs}


def _is_theirs(name: str, process: Mapping[str, str]) -> bool:
    if name == _RATIO and process.get("OTEL_TRACES_SAMPLER", "").strip():
        # The argument of a sampler that OpenTelemetry makes.
        return True
    return name.startswith(_PREFIX) and name not in _READ_HERE


def _sentences(names: list[str]) -> Iterator[str]:
    for name in names:
        yield (
            f"{name} has no effect in `environ`: OpenTelemetry reads it from the process's "
            "environment, so set it there"
        )
