"""`mirastack-agent dev`."""

import asyncio
from collections.abc import Sequence

import click

from mirastack_sdk._cli.completions import complete_target
from mirastack_sdk._cli.dev.dev_run import DevOptions, run_dev
from mirastack_sdk._cli.loading.target_text import TargetText
from mirastack_sdk._cli.shared_options import (
    ApprovalPolicy,
    approve_option,
    config_option,
    parse_config,
)


@click.command(
    name="dev",
    epilog="Example: mirastack-agent dev agent.py --config url=http://localhost:9090",
)
@click.argument("target", shell_complete=complete_target)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The inspector's port.  [default: 8765, or a free one]",
)
@click.option("--open", "opens_browser", is_flag=True, help="Open the inspector in a browser.")
@click.option(
    "--engine-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The local engine's port.  [default: a free one]",
)
@config_option()
@approve_option(
    "How requests for approval are decided; `ask` asks on the page and in the terminal."
)
def command(
    target: str,
    port: int | None,
    opens_browser: bool,
    engine_port: int,
    config: Sequence[str],
    approve: ApprovalPolicy,
) -> int:
    """Run an agent with a local engine, reload and inspector.

    TARGET is file.py, file.py:object or package.module:object. The agent is restarted whenever a
    Python file or a prompt template changes. The engine keeps its cache, config and approvals.
    Ctrl-C ends both.
    """
    options = DevOptions(
        target=TargetText.parse(target),
        port=port,
        engine_port=engine_port,
        config=parse_config(config),
        approve=approve,
        opens_browser=opens_browser,
    )
    return asyncio.run(run_dev(options))
