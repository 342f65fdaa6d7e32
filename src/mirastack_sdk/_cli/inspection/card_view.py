"""An agent's card for people: the agent, its actions, its config and what a model gets."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mirastack_sdk._cli.rendering.plain_texts import printable

_INDENT = 2

type _Json = Mapping[str, object]


def show_card(console: Console, card: _Json) -> None:
    """Print a card, as `inspect --json` documents it."""
    console.print(
        Text.assemble(
            _text(f"{card['name']} {card['version']}", "title"),
            _text(f"  {card['permission']}  {_listed(card['stages'])}", "quiet"),
        )
    )
    console.print(_text(card["description"]))
    for action in _objects(card["actions"]):
        console.print()
        _show_action(console, action)
    _show_section(console, "Config", _params_table(_objects(card["config_params"]), "key"))
    _show_section(console, "Prompt templates", _templates_table(card))
    console.print(Text("\nWhat the language model gets", "title"))
    for tool in _objects(card["model_view"]):
        text = json.dumps(tool, indent=2, ensure_ascii=False)
        # Not wrapped, because people copy it.
        console.print(_text(textwrap.indent(text, " " * _INDENT)), soft_wrap=True)


def _show_action(console: Console, action: _Json) -> None:
    console.print(
        Text.assemble(
            _text(action["name"], "name"),
            _text(f"  {action['permission']}  {_listed(action['stages'])}", "quiet"),
        )
    )
    _print(console, _text(action["description"]))
    table = _params_table(_objects(action["input_params"]), "name")
    if table is not None:
        _print(console, table)
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="quiet", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in _facts(action):
        facts.add_row(name, _text(text))
    _print(console, facts)


def _facts(action: _Json) -> Iterator[tuple[str, str]]:
    results = [
        f"{param['name']}: {param['type']}. {param['description']}".rstrip(". ")
        for param in _objects(action["output_params"])
    ]
    if results:
        yield "returns", "\n".join(results)
    if action["time_range"] is not None:
        default = action["default_range"]
        yield "time range", f"{action['time_range']}{f', {default} by default' if default else ''}"
    intents = _objects(action["intents"])
    if intents:
        yield "intents", "\n".join(f"{one['pattern']} ({one['priority']})" for one in intents)
    yield "routing", "\n".join(_routing_lines(action))


def _routing_lines(action: _Json) -> Iterator[str]:
    match action["routing"]:
        case {"capability_domain": domain, "positive_use_cases": list(uses), **others}:
            yield f"{domain}{_ORIGINS[action['routing_is_derived']]}"
            yield from (f"for: {use}" for use in uses)
            yield from (f"not for: {use}" for use in _texts(others["negative_use_cases"]))
            for name in ("signal_domains", "backend_domains", "entity_types"):
                if values := _texts(others[name]):
                    yield f"{name.replace('_', ' ')}: {', '.join(values)}"
        case _:
            yield "none"


_ORIGINS: Mapping[object, str] = {True: " (derived)", False: " (declared)", None: ""}


def _params_table(params: Sequence[_Json], key: str) -> Table | None:
    if not params:
        return None
    table = _table(key, "type", "required", "default", "description")
    for param in params:
        kind = str(param["type"])
        match param.get("enum"):
            case [*values]:
                kind = " | ".join(map(str, values))
            case _:
                pass
        is_secret = bool(param.get("secret"))
        table.add_row(
            _text(param[key], "name"),
            _text(f"{kind}, secret" if is_secret else kind),
            "yes" if param["required"] else "no",
            _text(param["default"] or ""),
            _text(param["description"]),
        )
    return table


def _templates_table(card: _Json) -> Table | None:
    templates = _objects(card["prompt_templates"])
    if not templates:
        return None
    table = _table("name", "bytes", "description")
    for template in templates:
        size = len(str(template["content"]).encode())
        table.add_row(_text(template["name"]), str(size), _text(template["description"]))
    return table


def _show_section(console: Console, title: str, table: Table | None) -> None:
    if table is not None:
        console.print(Text(f"\n{title}", "title"))
        _print(console, table)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="quiet")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _print(console: Console, content: Text | Table) -> None:
    console.print(Padding(content, (0, 0, 0, _INDENT), expand=False))


def _text(value: object, style: str = "") -> Text:
    """A text of the agent, which may be anybody's: no escape sequence reaches the terminal."""
    return Text(printable(str(value)), style)


def _listed(value: object) -> str:
    return ", ".join(_texts(value))


def _texts(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else ()


def _objects(value: object) -> Sequence[_Json]:
    return value if isinstance(value, list) else ()
