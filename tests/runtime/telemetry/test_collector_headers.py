"""The headers for the collector that are read from a file."""

from pathlib import Path

import pytest

from mirastack_sdk import ConfigurationError
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk._runtime.telemetry.collector_headers import collector_headers
from mirastack_sdk._runtime.telemetry.otel_recorder import open_telemetry
from tests.runtime.telemetry.conftest import Globals
from tests.runtime.telemetry_in_memory import RunningAgent, answer

FILE = "MIRASTACK_OTEL_HEADERS_FILE"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that can be written."""
    return tmp_path / "headers"


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("api-key=hunter2\n", {"api-key": "hunter2"}),
        ("api-key=hunter2,x-scope=a", {"api-key": "hunter2", "x-scope": "a"}),
        ("Api-Key = hunter2 , x.scope_2 = a", {"api-key": "hunter2", "x.scope_2": "a"}),
        ("authorization=Bearer%20hunter2", {"authorization": "Bearer hunter2"}),
        ("authorization=Bearer hunter2", {"authorization": "Bearer hunter2"}),
        ("authorization=Basic YTpiYw==", {"authorization": "Basic YTpiYw=="}),
        ("list=a%2Cb%3Dc", {"list": "a,b=c"}),
    ],
)
def test_the_forms_of_headers(file: Path, text: str, headers: dict[str, str]) -> None:
    """They are those of OpenTelemetry's variable, and names are in lower case."""
    file.write_text(text)
    assert collector_headers(str(file), {}) == headers


def test_without_a_file_there_are_none() -> None:
    """Then OpenTelemetry's variables hold."""
    assert collector_headers(None, {"OTEL_EXPORTER_OTLP_HEADERS": "a=b"}) == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("hunter2", 1),
        ("=hunter2", 1),
        ("api-key=", 1),
        ("api key=hunter2", 1),
        ("api-key=hunter2,", 2),
        ("a=hunter2\nb=c", 1),
        ("a=b,c=hunter2%0Ad", 2),
        ("a=b,c=hunter2é", 2),
    ],
)
def test_what_is_no_header(file: Path, text: str, number: int) -> None:
    """One sentence names the variable, the file and the place, and shows nothing of the content."""
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        collector_headers(str(file), {})
    assert str(refused.value) == (
        f"{FILE}: {file} must contain headers as name=value, separated by commas, but header "
        f"{number} has another form"
    )
    assert refused.value.__cause__ is None


def test_a_file_that_cannot_be_read(file: Path) -> None:
    """The sentence is that of every other secret's file."""
    with pytest.raises(ConfigurationError, match=f"^{FILE}: there is no file {file}$"):
        collector_headers(str(file), {})


@pytest.mark.parametrize("signal", ["", "TRACES_", "METRICS_"])
def test_headers_are_set_once(file: Path, signal: str) -> None:
    """Neither the file nor one of OpenTelemetry's variables wins over the other."""
    file.write_text("a=b")
    variable = f"OTEL_EXPORTER_OTLP_{signal}HEADERS"
    with pytest.raises(ConfigurationError, match=f"^{variable} and {FILE} exclude each other"):
        collector_headers(str(file), {variable: "a=b"})


def test_values_are_known_secrets(process: Globals, file: Path) -> None:
    """They are hidden wherever the agent hides secrets, from the start."""
    file.write_text("authorization=Bearer%20hunter2")
    environ = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", FILE: str(file)}
    secrets = KnownSecrets()
    agent = checked_plugin(RunningAgent(answer))
    open_telemetry(agent, Settings.from_mapping(environ), environ, secrets)
    assert secrets.hide("sent Bearer hunter2") == "sent [secret]"
