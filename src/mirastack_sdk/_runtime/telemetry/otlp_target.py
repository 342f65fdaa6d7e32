"""The choice of OTLP over gRPC or over HTTP, and of the collector's address."""

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from mirastack_sdk._core.settings.variable import (
    SWITCHES,
    InvalidValueError,
    Variable,
    one_of,
)
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.errors import ConfigurationError

type Signal = Literal["traces", "metrics"]
type Protocol = Literal["http/protobuf", "grpc"]

_PROTOCOLS: Mapping[str, Protocol] = {"http/protobuf": "http/protobuf", "grpc": "grpc"}
# Annotated, because pyright widens the literals that it infers to str.
_parse_protocol: Callable[[str], Protocol] = one_of(_PROTOCOLS)
_KINDS: Mapping[Protocol, str] = {"http/protobuf": "HTTP", "grpc": "gRPC"}
# The port that OpenTelemetry gives to OTLP over gRPC; over HTTP it is 4318.
_GRPC_PORT = 4317
_DEFAULT_ENDPOINTS: Mapping[Protocol, str] = {
    "http/protobuf": "http://localhost:4318",
    "grpc": f"http://localhost:{_GRPC_PORT}",
}
_EXPECTED_ENDPOINT = (
    'a URL such as "http://collector:4318", or for gRPC host:port such as "collector:4317"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpTarget:
    """Where one signal goes.

    `endpoint` is a complete URL for HTTP, and `host:port` for gRPC. `chosen_by` names what the
    protocol was chosen by, and `description` says it all without credentials.
    """

    protocol: Protocol
    endpoint: str
    insecure: bool
    chosen_by: str
    description: str


def otlp_target(
    environ: Mapping[str, str], signal: Signal, *, only: Protocol | None = None
) -> OtlpTarget:
    """Read from OpenTelemetry's variables where `signal` goes; `only` leaves no choice of protocol.

    If no variable names a protocol, port 4317 and an endpoint without a scheme mean gRPC, all
    others HTTP. Raises `ConfigurationError` with one line for each variable that cannot be used.
    """
    errors: list[str] = []

    def read[T](setting: str, expected: str, parse: Callable[[str], T]) -> tuple[T | None, str]:
        """The value, and the variable it is from: the signal's own wins over the common one."""
        for name in variable_names(signal, setting):
            variable: Variable[T | None] = Variable(
                name=name, meaning="", default="", expected=expected, parse=parse, fallback=None
            )
            if variable.is_set(environ):
                return variable.read(environ, errors), name
        return None, ""

    protocol, chosen_by = read("PROTOCOL", " or ".join(_PROTOCOLS), _parse_protocol)
    endpoint, named_by = read("ENDPOINT", _EXPECTED_ENDPOINT, _split)
    insecure, _ = read("INSECURE", "true or false", one_of(SWITCHES))
    if errors:
        raise ConfigurationError("\n".join(errors))
    if protocol is None:
        protocol, chosen_by = _protocol_of(endpoint, named_by)
    if only is not None and only != protocol:
        protocol, chosen_by = only, f"OTEL_{signal.upper()}_EXPORTER"
    url = endpoint or urlsplit(_DEFAULT_ENDPOINTS[protocol])
    # The specification: a scheme decides, and only without one the variable does.
    without_tls = url.scheme == "http" or (not url.scheme and insecure is True)
    address = url.netloc.rpartition("@")[2]
    return OtlpTarget(
        protocol=protocol,
        endpoint=address if protocol == "grpc" else _signal_url(url, named_by, signal),
        insecure=without_tls,
        chosen_by=chosen_by,
        description=f"{address} over {_KINDS[protocol]} {'without' if without_tls else 'with'} TLS",
    )


def variable_names(signal: Signal, setting: str) -> tuple[str, str]:
    """The signal's own variable, which wins, and the one for all signals."""
    return f"OTEL_EXPORTER_OTLP_{signal.upper()}_{setting}", f"OTEL_EXPORTER_OTLP_{setting}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidValueError(str(error).lower()) from None
    if parts.scheme not in {"", "http", "https"}:
        raise InvalidValueError("the scheme must be http or https")
    if not host or " " in host:
        raise InvalidValueError("the host is missing" if not host else "a host has no blanks")
    if not parts.scheme and port is None:
        raise InvalidValueError("the port is missing")
    return parts


def _protocol_of(endpoint: SplitResult | None, named_by: str) -> tuple[Protocol, str]:
    if endpoint is None:
        return "http/protobuf", "default"
    if not endpoint.scheme:
        return "grpc", f"{named_by} without a scheme"
    if endpoint.port == _GRPC_PORT:
        return "grpc", f"port {_GRPC_PORT} in {named_by}"
    return "http/protobuf", named_by


def _signal_url(url: SplitResult, named_by: str, signal: Signal) -> str:
    if not url.scheme:
        raise ConfigurationError(
            f"{named_by} must be a URL for OTLP over HTTP, with http:// or https:// before the host"
        )
    # The specification: a signal's own endpoint is complete, the common one is a base.
    if named_by == variable_names(signal, "ENDPOINT")[0]:
        return url.geturl()
    return url._replace(path=f"{url.path.rstrip('/')}/v1/{signal}").geturl()
