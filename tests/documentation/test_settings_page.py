"""docs/settings.md lists the variables and arguments of the code."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields

import pytest

from mirastack_sdk import serve, serve_async
from mirastack_sdk._core.settings.process_settings import VARIABLES, Settings
from mirastack_sdk.security import ClientTls, Security, ServerTls
from tests.documentation.documentation import REPOSITORY

_PAGE = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")

_DOCUMENTED: tuple[Callable[..., object], ...] = (
    serve,
    serve_async,
    Security,
    ServerTls,
    ClientTls,
)


def rows(page: str) -> list[list[str]]:
    """Return the cells of a page's tables without their headings."""
    table = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def variables() -> list[list[str]]:
    """Return the rows of the first table."""
    return rows(_PAGE.partition("## Arguments")[0])


def arguments() -> list[list[str]]:
    """Return the rows of the second table."""
    return rows(_PAGE.partition("## Arguments")[2])


def test_the_table_is_the_settings() -> None:
    """The table lists each variable with its meaning, default and values."""
    expected = [
        [f"`{variable.name}`", variable.meaning, variable.default, variable.expected]
        for variable in VARIABLES
    ]
    assert variables() == expected


def test_every_argument_is_listed() -> None:
    """The table lists each argument of `serve` and the security classes."""
    expected = [
        f"`{documented.__name__}({name})`"
        for documented in _DOCUMENTED
        for name in inspect.signature(documented).parameters
    ]
    assert [row[0] for row in arguments()] == expected


def test_required_arguments_are_marked() -> None:
    """Only arguments without a default are marked as required."""
    required = {
        f"`{documented.__name__}({name})`"
        for documented in _DOCUMENTED
        for name, parameter in inspect.signature(documented).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    assert {row[0] for row in arguments() if row[2] == "required"} == required


def _replaced() -> Iterator[str]:
    for row in arguments():
        yield from re.findall(r"`(MIRASTACK_\w+\*?)`", row[3])


@pytest.mark.parametrize("replaced", sorted(set(_replaced())))
def test_what_an_argument_replaces_exists(replaced: str) -> None:
    """Each variable that an argument replaces exists."""
    names = [variable.name for variable in VARIABLES]
    if replaced.endswith("*"):
        assert any(name.startswith(replaced[:-1]) for name in names)
    else:
        assert replaced in names


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_comes_from_a_variable(field: str) -> None:
    """Every setting can be changed with a variable."""
    changed = Settings.from_mapping(
        {
            "MIRASTACK_ENGINE_ADDR": "engine:1",
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:1",
            "MIRASTACK_PLUGIN_ADVERTISE_ADDR": "agent:1",
            "MIRASTACK_PLUGIN_TENANT_ID": "tenant",
            "MIRASTACK_PLUGIN_HEARTBEAT_INTERVAL": "1",
            "MIRASTACK_PLUGIN_MAX_MESSAGE_BYTES": "1024",
            "MIRASTACK_SDK_CONFIG_CACHE_TTL": "1",
            "MIRASTACK_OTEL_ENABLED": "true",
            "MIRASTACK_OTEL_METRIC_EXPORT_INTERVAL": "30s",
            "MIRASTACK_OTEL_HEADERS_FILE": "/headers",
            "MIRASTACK_METRICS_ADDR": ":1",
            "MIRASTACK_ENGINE_ENCODING": "json",
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1",
            "MIRASTACK_PLUGIN_SHUTDOWN_DELAY": "1",
            "MIRASTACK_PLUGIN_DEREGISTER": "false",
            "MIRASTACK_LOG_LEVEL": "DEBUG",
            "MIRASTACK_LOG_FORMAT": "json",
            "MIRASTACK_SDK_EVENT_LOOP": "uvloop",
            "MIRASTACK_RECORD": "recordings",
            "MIRASTACK_PLUGIN_MAX_EXECUTIONS": "1",
            "MIRASTACK_PLUGIN_HEALTH_FOLLOWS_AGENT": "true",
            "MIRASTACK_AUTH_TOKEN": "made-up",
            "MIRASTACK_REQUIRE_AUTH": "true",
        }
    )
    assert getattr(changed, field) != getattr(Settings.from_mapping({}), field)
