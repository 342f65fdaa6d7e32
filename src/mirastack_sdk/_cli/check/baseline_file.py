"""The file of a baseline: a card as JSON, which is reviewed and kept beside the source."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from mirastack_sdk._cli.check.card import ActionCard, Card, ParamCard
from mirastack_sdk._cli.command_error import CommandError

_FORMAT = 1
_PERMISSIONS = ("read", "modify", "admin")


def write_baseline(path: str, card: Card) -> None:
    """Write a card; raises `CommandError` if the file cannot be written."""
    text = json.dumps({"format": _FORMAT, **asdict(card)}, indent=2, ensure_ascii=False)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise CommandError(f"the baseline {path} cannot be written: {error.strerror}") from error


def read_baseline(path: str) -> Card:
    """Read a card; raises `CommandError` for a file that is missing or none of ours."""
    try:
        with open(path, encoding="utf-8") as file:
            return _card(json.load(file))
    except OSError as error:
        hint = "; --write-baseline writes one" if isinstance(error, FileNotFoundError) else ""
        raise CommandError(f"the baseline {path} cannot be read: {error.strerror}{hint}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(
            f"{path} is not a baseline that --write-baseline has written: {error}"
        ) from error


def _card(given: object) -> Card:
    fields = _object(given, "the file")
    if fields.get("format") != _FORMAT:
        raise ValueError(f"its format must be {_FORMAT}")
    return Card(
        name=_text(fields, "name"),
        version=_text(fields, "version"),
        actions=_each(fields, "actions", _action),
        config=_each(fields, "config", _param),
        templates=_each(fields, "templates", _digest),
    )


def _action(given: object, where: str) -> ActionCard:
    fields = _object(given, where)
    permission = _text(fields, "permission", where)
    if permission not in _PERMISSIONS:
        raise ValueError(f"{where}.permission must be one of {', '.join(_PERMISSIONS)}")
    return ActionCard(
        permission=permission,
        inputs=_each(fields, "inputs", _param, where),
        outputs=_each(fields, "outputs", _param, where),
    )


def _param(given: object, where: str) -> ParamCard:
    fields = _object(given, where)
    enum, required = fields.get("enum", ()), fields.get("required")
    if not isinstance(required, bool):
        raise ValueError(f"{where}.required must be true or false")  # noqa: TRY004 - as for JSON
    if not isinstance(enum, list | tuple) or not all(isinstance(item, str) for item in enum):
        raise ValueError(f"{where}.enum must be a list of texts")
    return ParamCard(type=_text(fields, "type", where), required=required, enum=tuple(enum))


def _digest(given: object, where: str) -> str:
    if not isinstance(given, str):
        raise ValueError(f"{where} must be a text")  # noqa: TRY004 - as for JSON
    return given


def _each[Item](
    fields: Mapping[str, object],
    name: str,
    read: Callable[[object, str], Item],
    where: str = "",
) -> Mapping[str, Item]:
    place = f"{where}.{name}".lstrip(".")
    items = _object(fields.get(name), place)
    return {key: read(value, f"{place}.{key}") for key, value in items.items()}


def _text(fields: Mapping[str, object], name: str, where: str = "") -> str:
    return _digest(fields.get(name), f"{where}.{name}".lstrip("."))


def _object(given: object, where: str) -> Mapping[str, object]:
    if not isinstance(given, dict):
        raise ValueError(f"{where} must be an object")  # noqa: TRY004 - as for JSON
    return given
