"""`mirastack-agent inspect`."""

import asyncio
import sys
from contextlib import redirect_stdout

import click

from mirastack_sdk._cli.completions import complete_action, complete_target
from mirastack_sdk._cli.console import output_console
from mirastack_sdk._cli.inspection.agent_card import card_at, card_of_target, only_action
from mirastack_sdk._cli.inspection.card_view import show_card
from mirastack_sdk._cli.loading.target_text import parse_address
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.rendering.json_output import write_json
from mirastack_sdk.testing import Encoding


@click.command(name="inspect", epilog="Example: mirastack-agent inspect agent.py")
@click.argument("target", metavar="TARGET|ADDRESS", shell_complete=complete_target)
@click.argument("action", required=False, shell_complete=complete_action)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(target: str, action: str | None, as_json: bool) -> None:
    """Show what an agent declares, and what a model gets of it.

    The agent in TARGET (file.py or package.module:object) is not started; the agent at an ADDRESS
    (host:port) is asked. With an ACTION, the others are left out.
    """
    console = output_console()
    with redirect_stdout(sys.stderr):
        address = parse_address(target)
        if address is None:
            card = card_of_target(load_target(target))
        else:
            card = asyncio.run(card_at(address, Encoding.JSON))
        if action is not None:
            card = only_action(card, action)
    if as_json:
        write_json(console, card)
    else:
        show_card(console, card)
