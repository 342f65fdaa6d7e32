"""The options that several commands have: the config, who approves, and a timeout."""

import math
from collections.abc import Callable, Iterable
from typing import Literal

import click

from mirastack_sdk._cli.command_error import CommandError

type ApprovalPolicy = Literal["ask", "all", "none"]
"""Who decides on approvals: a person, or nobody because all or none are granted."""

_DAY_SECONDS = 24 * 3600.0

type _Decorator = Callable[[Callable[..., int]], Callable[..., int]]


class _Timeout(click.FloatRange):
    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is no length of time.", param, ctx)
        return seconds


TIMEOUT = _Timeout(min=0, min_open=True, max=_DAY_SECONDS)
"""The type of a timeout in seconds, of at most a day."""


def config_option(help_text: str = "A value of the agent's config; can be repeated.") -> _Decorator:
    """`--config KEY=VALUE`, which `parse_config` reads."""
    return click.option("--config", multiple=True, metavar="KEY=VALUE", help=help_text)


def approve_option(help_text: str) -> _Decorator:
    """`--approve`, an `ApprovalPolicy`."""
    return click.option(
        "--approve",
        type=click.Choice(["ask", "all", "none"]),
        default="ask",
        show_default=True,
        help=help_text,
    )


def parse_config(texts: Iterable[str]) -> dict[str, str]:
    """Read `key=value`; raises `CommandError`."""
    config: dict[str, str] = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not key or not separator:
            raise CommandError(f"{text!r} is not a config value: write key=value")
        config[key] = value
    return config
