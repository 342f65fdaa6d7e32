"""The variables of the metrics' port."""

import pytest

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.metrics_variables import MetricsSettings
from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk.errors import ConfigurationError

ADDR = "MIRASTACK_METRICS_ADDR"
TOKEN = "MIRASTACK_METRICS_TOKEN"
TOKEN_FILE = "MIRASTACK_METRICS_TOKEN_FILE"
LISTEN = "MIRASTACK_PLUGIN_ADDR"


def read(**environ: str) -> MetricsSettings:
    return Settings.from_mapping(environ).metrics


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":9464", Address("", 9464)),
        ("127.0.0.1:0", Address("127.0.0.1", 0)),
        ("[::1]:9464", Address("::1", 9464)),
        ("metrics.internal:9464", Address("metrics.internal", 9464)),
    ],
)
def test_an_address_to_listen_on(text: str, address: Address) -> None:
    """The forms are those of the agent's own address."""
    assert read(**{ADDR: text}) == MetricsSettings(addr=address)


def test_by_default_there_are_no_metrics() -> None:
    """Neither unset nor blank variables turn them on."""
    assert read() == read(**{ADDR: " ", TOKEN: "", TOKEN_FILE: ""}) == MetricsSettings()


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({ADDR: "9464"}, f'{ADDR} must be host:port .*, got "9464": the port is missing'),
        ({ADDR: "http://a:1/metrics"}, f"{ADDR} must be .* leave http:// out, write a:1"),
        ({TOKEN: "t"}, f"{TOKEN} needs {ADDR}"),
        ({TOKEN_FILE: "/t"}, f"{TOKEN_FILE} needs {ADDR}"),
        ({ADDR: ":1", TOKEN: "t", TOKEN_FILE: "/t"}, f"{TOKEN} and {TOKEN_FILE} exclude"),
        ({ADDR: ":9000", LISTEN: ":9000"}, f"{ADDR} must differ from {LISTEN}"),
    ],
)
def test_what_cannot_be_used(environ: dict[str, str], sentence: str) -> None:
    """One sentence says what was wrong and what is expected."""
    with pytest.raises(ConfigurationError, match=sentence):
        read(**environ)


def test_a_token_is_not_shown() -> None:
    """Neither in an error nor in the settings' text."""
    with pytest.raises(ConfigurationError) as refused:
        read(**{ADDR: ":1", TOKEN: "hunter 2"})
    assert "hunter" not in str(refused.value)
    assert "hunter2" not in repr(Settings.from_mapping({ADDR: ":1", TOKEN: "hunter2"}))


def test_two_free_ports_are_two_ports() -> None:
    """Port 0 is another one each time."""
    assert read(**{ADDR: "127.0.0.1:0", LISTEN: "127.0.0.1:0"}).addr == Address("127.0.0.1", 0)
