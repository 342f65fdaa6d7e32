"""The page about MCP: its configurations and options are those of the command."""

import json
import re

import click
import pytest

from mirastack_sdk._cli.commands.mcp_command import command
from tests.documentation.documentation import REPOSITORY

PAGE = (REPOSITORY / "docs" / "mcp.md").read_text(encoding="utf-8")
CONFIGS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_every_option_is_described() -> None:
    """The page has all options, with the defaults that the command has."""
    described = dict(re.findall(r"^\| `(--[\w-]+)[^`]*` \|.*\| (.*?) ?\|$", PAGE, re.MULTILINE))
    options = {
        param.opts[0]: "" if param.is_flag or param.multiple else str(param.default)
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden
    }
    options["--timeout"] = options["--timeout"].removesuffix(".0")
    assert described == options


def test_the_configured_command_is_right() -> None:
    """The command line of the first configuration is one that the command takes."""
    name, *arguments = CONFIGS[0]["mcpServers"]["metrics"]["args"]
    assert name == command.name
    context = command.make_context(name, arguments)
    assert context.params["target"].endswith("metrics_agent.py")
    assert context.params["http"] is False


@pytest.mark.parametrize("config", CONFIGS, ids=["stdio", "http"])
def test_the_url_is_the_default_one(config: dict[str, dict[str, dict[str, str]]]) -> None:
    """The port in the configuration and in the text is the command's."""
    port = next(param.default for param in command.params if param.name == "port")
    url = config["mcpServers"]["metrics"].get("url", f"http://127.0.0.1:{port}/mcp")
    assert url == f"http://127.0.0.1:{port}/mcp"
    assert f"at `{url}`" in PAGE
