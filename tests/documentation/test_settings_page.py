"""docs/settings.md lists variables and arguments as the code knows them."""

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

_TAKERS: tuple[Callable[..., object], ...] = (serve, serve_async, Security, ServerTls, ClientTls)


def rows(page: str) -> list[list[str]]:
    """The rows of a page's tables, cell by cell, their heads left out."""
    table = [line for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def variables() -> list[list[str]]:
    """The rows of the first table."""
    return rows(_PAGE.partition("## Arguments")[0])


def arguments() -> list[list[str]]:
    """The rows of the second table."""
    return rows(_PAGE.partition("## Arguments")[2])


def test_the_table_is_the_settings() -> None:
    """Each variable is listed once, in order, with its meaning and its default."""
    expected = [
        [f"`{variable.name}`", variable.meaning, variable.default, variable.expected]
        for variable in VARIABLES
    ]
    assert variables() == expected


def test_every_argument_is_listed() -> None:
    """Each argument of what configures an agent is listed once, in order."""
    expected = [
        f"`{taker.__name__}({name})`"
        for taker in _TAKERS
        for name in inspect.signature(taker).parameters
    ]
    assert [row[0] for row in arguments()] == expected


def test_required_arguments_are_told_apart() -> None:
    """An argument without a default is called required, and no other."""
    required = {
        f"`{taker.__name__}({name})`"
        for taker in _TAKERS
        for name, parameter in inspect.signature(taker).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    assert {row[0] for row in arguments() if row[2] == "required"} == required


def _replaced() -> Iterator[str]:
    for row in arguments():
        yield from re.findall(r"`(MIRASTACK_\w+\*?)`", row[3])


@pytest.mark.parametrize("replaced", sorted(set(_replaced())))
def test_what_an_argument_replaces_exists(replaced: str) -> None:
    """Each variable, or the beginning of some, that an argument counts in place of is one."""
    names = [variable.name for variable in VARIABLES]
    if replaced.endswith("*"):
        assert any(name.startswith(replaced[:-1]) for name in names)
    else:
        assert replaced in names


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_comes_from_a_variable(field: str) -> None:
    """There is no setting that nothing in the environment can change."""
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
            "MIRASTACK_ENGINE_ENCODING": "json",
            "MIRASTACK_PLUGIN_SHUTDOWN_GRACE": "1",
            "MIRASTACK_LOG_LEVEL": "DEBUG",
            "MIRASTACK_PLUGIN_MAX_EXECUTIONS": "1",
            "MIRASTACK_AUTH_TOKEN": "made-up",
            "MIRASTACK_REQUIRE_AUTH": "true",
        }
    )
    assert getattr(changed, field) != getattr(Settings.from_mapping({}), field)
