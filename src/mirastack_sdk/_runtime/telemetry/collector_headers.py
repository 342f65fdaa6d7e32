"""The headers for the collector that are read from a file, because they can hold a secret."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import unquote

from mirastack_sdk._core.settings.process_settings import TELEMETRY_HEADERS_FILE
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._files.named_file import NamedFile, read_secret
from mirastack_sdk.errors import ConfigurationError

_SETTING = TELEMETRY_HEADERS_FILE.name
_VARIABLES = (
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
)
# What gRPC allows in metadata; over HTTP more would be allowed.
_NAME = deferred_pattern(r"[0-9a-z_.-]+")
_VALUE = deferred_pattern(r"[\x20-\x7e]+")

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def collector_headers(path: str | None, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The headers in the file at `path`, which are written as in `OTEL_EXPORTER_OTLP_HEADERS`.

    OpenTelemetry's own parser would log what it cannot read, and go on without it. Raises
    `ConfigurationError`, which never shows the content, also if `environ` has headers as well.
    """
    if path is None:
        return NO_HEADERS
    twice = [name for name in _VARIABLES if environ.get(name, "").strip()]
    if twice:
        raise ConfigurationError(f"{twice[0]} and {_SETTING} exclude each other: set one")
    file = NamedFile(_SETTING, path)
    return dict(_headers(file, read_secret(file)))


def _headers(file: NamedFile, text: str) -> Iterator[tuple[str, str]]:
    for number, header in enumerate(text.split(","), start=1):
        name, _, value = header.partition("=")
        name, value = unquote(name).strip().lower(), unquote(value).strip()
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ConfigurationError(
                f"{_SETTING}: {file} must contain headers as name=value, separated by commas, but "
                f"header {number} has another form"
            )
        yield name, value
