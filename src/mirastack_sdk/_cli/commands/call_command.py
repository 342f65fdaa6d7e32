"""`mirastack-agent call`."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import TypedDict, Unpack

import click

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.command_loop import run_in_loop
from mirastack_sdk._cli.completions import complete_action, complete_target
from mirastack_sdk._cli.console import error_console, output_console
from mirastack_sdk._cli.loading.target_text import parse_address
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.rendering.json_output import write_json
from mirastack_sdk._cli.shared_options import (
    TIMEOUT,
    ApprovalPolicy,
    approve_option,
    config_option,
    parse_config,
)
from mirastack_sdk._cli.single_call.call_arguments import (
    parse_parameters,
    parse_time_range,
)
from mirastack_sdk._cli.single_call.call_report import CallReport, failed_document
from mirastack_sdk._cli.single_call.live_view import LiveView
from mirastack_sdk._cli.single_call.one_call import Call, perform
from mirastack_sdk._cli.single_call.result_view import show_heading, show_report
from mirastack_sdk._cli.single_call.terminal_approvals import (
    TerminalApprovals,
    terminal_reader,
)
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.testing import Encoding

_ENCODINGS: Mapping[str, Encoding] = {"json": Encoding.JSON, "proto": Encoding.PROTOBUF}


class _Options(TypedDict):
    """The options as click gives them."""

    last: str | None
    start: str | None
    end: str | None
    timezone: str
    config: tuple[str, ...]
    approve: ApprovalPolicy
    timeout: float
    encoding: str | None
    tenant_id: str | None
    as_json: bool
    full: bool


@click.command(
    name="call",
    epilog="Example: mirastack-agent call agent.py search query=error --last 30m",
)
@click.argument("target", metavar="TARGET|ADDRESS", shell_complete=complete_target)
@click.argument("action", shell_complete=complete_action)
@click.argument("parameters", nargs=-1, metavar="[NAME=TEXT|NAME:=JSON]...")
@click.option("--last", metavar="LENGTH", help="The time range up to now, such as 30m or 7d.")
@click.option("--from", "start", metavar="TIME", help="Its start, such as 2026-04-08T06:00 or -6h.")
@click.option("--to", "end", metavar="TIME", help="Its end; without it, now.")
@click.option("--timezone", default="UTC", show_default=True, help="Of times without an offset.")
@config_option()
@approve_option("Grant, deny or ask for approvals.")
@click.option(
    "--timeout",
    type=TIMEOUT,
    default=30.0,
    metavar="SECONDS",
    help="When the call is given up, 30 by default.",
)
@click.option("--encoding", type=click.Choice(list(_ENCODINGS)), help="Of the call.")
@click.option("--tenant-id", help="The tenant of a call to an ADDRESS.")
@click.option("--full", is_flag=True, help="Do not fold long results.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with everything.")
def command(
    target: str, action: str, parameters: tuple[str, ...], **options: Unpack[_Options]
) -> int:
    """Run one action of an agent, and print what happens.

    The agent in TARGET (file.py or package.module:object) is started for it; at an ADDRESS
    (host:port), one runs.
    """
    output = output_console()
    try:
        # Standard output is for the result, whatever the agent prints.
        with redirect_stdout(sys.stderr):
            report = _report(target, action, parameters, options)
    except CommandError as error:
        if options["as_json"]:
            write_json(output, failed_document(str(error), error.status))
        raise
    if options["as_json"]:
        write_json(output, report.document())
    else:
        show_report(report, output, error_console(), is_full=options["full"])
    return report.status


def _report(target: str, action: str, parameters: tuple[str, ...], options: _Options) -> CallReport:
    console, is_quiet = error_console(), options["as_json"]
    call = _call(target, action, parameters, options)
    desk = TerminalApprovals(options["approve"], console, terminal_reader())
    view = LiveView(console, is_quiet=is_quiet)
    if not is_quiet:
        expression = call.time_range.original_expression if call.time_range else ""
        show_heading(console, f"{target} {action}", expression)
    return run_in_loop(perform(call, desk, view))


def _call(target: str, action: str, parameters: tuple[str, ...], options: _Options) -> Call:
    params, config = parse_parameters(parameters), parse_config(options["config"])
    time_range = parse_time_range(
        options["last"], options["start"], options["end"], options["timezone"], now_utc_ms()
    )
    address = parse_address(target)
    if address is not None and config:
        raise CommandError(
            "--config needs a TARGET: it would replace the config of the agent that runs there"
        )
    encoding = options["encoding"]
    return Call(
        agent=load_target(target).plugin if address is None else address,
        action=action,
        params=params,
        time_range=time_range,
        config=config,
        encoding=None if encoding is None else _ENCODINGS[encoding],
        timeout=options["timeout"],
        tenant_id=options["tenant_id"],
    )
