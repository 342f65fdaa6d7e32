"""`mirastack-agent replay`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout

import click
from rich.console import Console

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.command_loop import run_in_loop
from mirastack_sdk._cli.completions import complete_target
from mirastack_sdk._cli.console import output_console
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.agent_log import write_agent_log
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk._cli.rendering.json_output import write_json
from mirastack_sdk._cli.shared_options import config_option, parse_config
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk.errors import ConfigurationError, InvalidPluginError, StartError
from mirastack_sdk.testing import MISSING, Difference, ReplayError, ReplayResult, replay
from mirastack_sdk.testing._replay.recording_file import recordings_in

_SHOWN_LINES = 50
_SHOWN_PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    target: str
    config: Mapping[str, str]
    ignore: Sequence[str]
    update: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """The result of one recording, or why it could not be replayed."""

    path: str
    result: ReplayResult | None = None
    error: str = ""

    @property
    def is_same(self) -> bool:
        return self.result is not None and not self.result.differences


@click.command(
    name="replay",
    epilog="Example: mirastack-agent replay recordings/ my_agent.py",
)
@click.argument("path", metavar="FILE", type=click.Path(exists=True))
@click.argument("target", shell_complete=complete_target)
@config_option("A value of the agent's config, such as a secret, which recordings do not contain.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="PLACE",
    help="Where differences do not count, with * for any part of a place.",
)
@click.option("--update", is_flag=True, help="Replace the recordings that differ by these runs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    path: str,
    target: str,
    config: Sequence[str],
    ignore: Sequence[str],
    update: bool,
    as_json: bool,
) -> int:
    """Run a recorded execution again, and show how it differs.

    FILE is a recording that an agent wrote with MIRASTACK_RECORD, or a folder of them. TARGET is
    file.py, file.py:object or package.module:object. The engine answers as it did then. The
    status is 0 if nothing differs, 1 if something does, and 2 if a file cannot be replayed.
    """
    options = _Options(target=target, config=parse_config(config), ignore=ignore, update=update)
    files = list(recordings_in(path))
    if not files:
        raise CommandError(f"{path} contains no recordings: no file in it ends in .json")
    console = output_console()
    outcomes: list[_Outcome] = []
    for file in files:
        # What the author's code prints is no part of the output.
        with redirect_stdout(sys.stderr):
            outcomes.append(run_in_loop(_outcome(file, options)))
        if not as_json:
            _print(console, outcomes[-1], options)
    if as_json:
        write_json(console, {"recordings": [_json(outcome) for outcome in outcomes]})
    elif len(outcomes) > 1:
        same = sum(outcome.is_same for outcome in outcomes)
        console.print(f"{same} of {len(outcomes)} recordings without differences")
    return _status(outcomes)


async def _outcome(file: str, options: _Options) -> _Outcome:
    try:
        # A new instance for each recording, unless the module contains one.
        plugin = load_target(options.target).plugin
        write_agent_log()
        result = await replay(file, plugin, config=options.config, ignore=options.ignore)
        if options.update and result.differences:
            result.update()
    except ReplayError as error:
        return _Outcome(path=file, error=str(error))
    except OSError as error:
        return _Outcome(path=file, error=f"{file}: {error.strerror or error}")
    except (InvalidPluginError, ConfigurationError, StartError) as error:
        lines = "; ".join(str(error).splitlines())
        raise CommandError(
            f"the agent cannot start: {lines}", status=ExitStatus.NO_AGENT
        ) from error
    return _Outcome(path=file, result=result)


def _status(outcomes: Sequence[_Outcome]) -> ExitStatus:
    if any(outcome.error for outcome in outcomes):
        return ExitStatus.USAGE
    if all(outcome.is_same for outcome in outcomes):
        return ExitStatus.SUCCESS
    return ExitStatus.FAILURE


def _print(console: Console, outcome: _Outcome, options: _Options) -> None:
    for line, style in _lines(outcome, is_updated=options.update):
        console.print(line, style=style, markup=False, soft_wrap=True)


def _lines(outcome: _Outcome, *, is_updated: bool) -> Iterator[tuple[str, str]]:
    if outcome.result is None:
        yield outcome.error, "bad"
        return
    found = outcome.result.differences
    if not found:
        yield f"{outcome.path}: no differences", "good"
        return
    noun = "difference" if len(found) == 1 else "differences"
    yield f"{outcome.path}: {len(found)} {noun}", "bad"
    groups = _groups(found)
    for first, *others in groups[:_SHOWN_LINES]:
        yield f"  {first}{_places(others)}", ""
    if len(groups) > _SHOWN_LINES:
        yield f"  and {len(groups) - _SHOWN_LINES} more", "quiet"
    if is_updated:
        yield "  the recording has been replaced by this run", "quiet"


def _groups(found: Sequence[Difference]) -> list[list[Difference]]:
    """The differences, with those together that change the same member in the same way.

    A partial result is usually part of the result, too, and items of a list change alike.
    """
    groups: dict[tuple[str, str, str], list[Difference]] = {}
    for difference in found:
        name = difference.path.rpartition(".")[2]
        key = (name, repr(difference.recorded), repr(difference.now))
        groups.setdefault(key, []).append(difference)
    return list(groups.values())


def _places(others: Sequence[Difference]) -> str:
    if not others:
        return ""
    shown = ", ".join(other.path for other in others[:_SHOWN_PLACES])
    more = len(others) - _SHOWN_PLACES
    return f" (also at {shown}{f' and {more} more' if more > 0 else ''})"


def _json(outcome: _Outcome) -> dict[str, object]:
    if outcome.result is None:
        return {"file": outcome.path, "error": outcome.error}
    differences = [_difference(found) for found in outcome.result.differences]
    return {"file": outcome.path, "differences": differences}


def _difference(found: Difference) -> dict[str, object]:
    form: dict[str, object] = {"place": found.path}
    if found.recorded is not MISSING:
        form["recorded"] = found.recorded
    if found.now is not MISSING:
        form["now"] = found.now
    return form
