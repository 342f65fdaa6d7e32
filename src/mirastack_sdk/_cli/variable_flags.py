"""The flags of `run`, one for each environment variable of an agent.

They are made of the table from which docs/settings.md and the error messages are made, too, so a
new variable has a flag from the start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import click

from mirastack_sdk._core.settings.log_variables import LOG_LEVEL
from mirastack_sdk._core.settings.process_settings import (
    ADVERTISE_ADDR,
    ENGINE_ADDR,
    LISTEN_ADDR,
    TENANT_ID,
    TENANT_SLUG,
    VARIABLES,
)
from mirastack_sdk._core.settings.shutdown_variables import SHUTDOWN_GRACE
from mirastack_sdk._core.settings.variable import SWITCHES, Variable

type _Callback = Callable[[click.Context, click.Parameter, str | None], str | None]

_PREFIXES = ("MIRASTACK_", "PLUGIN_", "SDK_")
_SWITCH = "true or false"
_COMMON = (
    ENGINE_ADDR,
    LISTEN_ADDR,
    ADVERTISE_ADDR,
    TENANT_ID,
    TENANT_SLUG,
    SHUTDOWN_GRACE,
    LOG_LEVEL,
)


def flag_name(variable: Variable[object]) -> str:
    """The flag of a variable: `--shutdown-grace` for MIRASTACK_PLUGIN_SHUTDOWN_GRACE."""
    name = variable.name
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return f"--{name.lower().replace('_', '-')}"


def has_flag(variable: Variable[object]) -> bool:
    """Whether a variable has a flag: all but secrets, which other users see in a process list."""
    return not variable.secret


def variable_options() -> Sequence[click.Option]:
    """The options, the common ones first; `--help` shows only those, to fit on a screen."""
    others = [variable for variable in VARIABLES if variable not in _COMMON]
    return [_option(variable) for variable in (*_COMMON, *others) if has_flag(variable)]


def given_variables(values: Mapping[str, object]) -> Mapping[str, str]:
    """The variables that the flags of a command line set, by name."""
    given = {variable.name: values.get(_key(variable)) for variable in VARIABLES}
    return {name: str(value) for name, value in given.items() if value is not None}


def _option(variable: Variable[object]) -> click.Option:
    flag = flag_name(variable)
    is_switch = variable.expected == _SWITCH
    return click.Option(
        [f"{flag}/--no-{flag.removeprefix('--')}" if is_switch else flag, _key(variable)],
        default=None,
        is_flag=is_switch,
        type=bool if is_switch else str,
        metavar=None if is_switch else _metavar(variable),
        hidden=variable not in _COMMON,
        help=_meaning(variable),
        callback=_checked_switch if is_switch else _checked(variable),
    )


def _key(variable: Variable[object]) -> str:
    return variable.name.lower()


def _meaning(variable: Variable[object]) -> str:
    text = variable.meaning.replace("`", "").split(";")[0].split(":")[0]
    return f"{text[0].upper()}{text[1:]}"


def _metavar(variable: Variable[object]) -> str:
    for word, metavar in _METAVARS.items():
        if word in variable.expected:
            return metavar
    return "TEXT"


_METAVARS: Mapping[str, str] = {
    "host:port": "HOST:PORT",
    "number": "NUMBER",
    "milliseconds": "MS",
    "path": "FILE",
    "DEBUG": "LEVEL",
}


def _checked(variable: Variable[object]) -> _Callback:
    """Reject a wrong value in the sentence that `serve()` has for the variable, with the flag."""

    def check(_ctx: click.Context, _param: click.Parameter, text: str | None) -> str | None:
        if text is not None:
            flag, errors = flag_name(variable), list[str]()
            replace(variable, name=flag).read({flag: text}, errors)
            if errors:
                raise click.UsageError(errors[0])
        return text

    return check


def _checked_switch(_ctx: click.Context, _param: click.Parameter, on: bool | None) -> str | None:
    return None if on is None else next(word for word, value in SWITCHES.items() if value is on)
