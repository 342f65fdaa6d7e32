"""The findings that an author ignores: `--ignore`, and the table in pyproject.toml."""

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from mirastack_sdk._cli.advice.finding import KINDS, Finding
from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._deferred.dataclasses import dataclass

_TABLE = "mirastack-agent"
_IGNORE = "ignore"
_PER_ACTION = "per-action-ignore"
_KEYS = (_IGNORE, _PER_ACTION)
_NEVER_IGNORED = "MA001"


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredCodes:
    """Codes, or the first characters of codes, everywhere and for single actions."""

    everywhere: Sequence[str] = ()
    per_action: Mapping[str, Sequence[str]]

    def covers(self, each: Finding) -> bool:
        """Whether a finding is ignored."""
        if each.code == _NEVER_IGNORED:
            return False
        codes = (*self.everywhere, *self.per_action.get(each.action, ()))
        return each.code.startswith(codes)


def ignored_codes(options: Iterable[str], file: str) -> IgnoredCodes:
    """What the options and the pyproject.toml of an agent ignore.

    `file` is the agent's module; its pyproject.toml is the first one in its folder or above.
    Raises `CommandError` for a code that no finding has, and for a table that is wrong.
    """
    codes = [code.strip() for text in options for code in text.split(",") if code.strip()]
    everywhere = _known(codes, "--ignore")
    path = _project_file(file)
    if path is None:
        return IgnoredCodes(everywhere=everywhere, per_action={})
    table = _table(path)
    if unknown := sorted(table.keys() - set(_KEYS)):
        raise CommandError(f"{path}: [tool.{_TABLE}] has no key {unknown[0]}; {_expected()}")
    per_action = table.get(_PER_ACTION, {})
    if not isinstance(per_action, dict):
        raise CommandError(f"{path}: [tool.{_TABLE}] {_PER_ACTION} must be a table of lists")
    return IgnoredCodes(
        everywhere=(*everywhere, *_codes(table.get(_IGNORE, []), f"{path}: {_IGNORE}")),
        per_action={
            str(action): _codes(listed, f"{path}: {_PER_ACTION}.{action}")
            for action, listed in per_action.items()
        },
    )


def _expected() -> str:
    return f"it may have {' and '.join(_KEYS)}"


def _project_file(file: str) -> str | None:
    folder = os.path.dirname(file) or os.getcwd()
    while True:
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _table(path: str) -> Mapping[str, object]:
    try:
        with open(path, "rb") as file:
            project: dict[str, object] = tomllib.load(file)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not valid TOML: {error}") from error
    tools = project.get("tool", {})
    table = tools.get(_TABLE, {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise CommandError(f"{path}: tool.{_TABLE} must be a table; {_expected()}")
    return table


def _codes(given: object, where: str) -> Sequence[str]:
    if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
        raise CommandError(f"{where} must be a list of codes such as MA103")
    return _known(given, where)


def _known(codes: Sequence[str], where: str) -> Sequence[str]:
    for code in codes:
        if code == _NEVER_IGNORED:
            raise CommandError(f"{where}: {code} cannot be ignored, since engines refuse the agent")
        if not code.startswith("MA") or not any(known.startswith(code) for known in KINDS):
            raise CommandError(f"{where}: no finding has the code {code}; see docs/checks.md")
    return tuple(codes)
