"""JSON values as a tree, in which lists of like objects are tables."""

import json
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from mirastack_sdk._cli.rendering.plain_texts import compact_json, printable

MOST_ITEMS = 20
"""How many items of a list or members of an object are shown, unless all are asked for."""
_MOST_DEPTH = 5
_MOST_CHARACTERS = 2_000
_MOST_COLUMNS = 10
_MOST_IN_A_CELL = 200
_MOST_ON_A_LINE = 60

type _Object = Mapping[object, object]


def value_view(value: object, *, is_full: bool) -> RenderableType:
    """A value for a terminal; long and deep parts are folded unless `is_full`."""
    return _View(is_full=is_full).view(value)


class _View:
    def __init__(self, *, is_full: bool) -> None:
        self._is_full = is_full

    def view(self, value: object) -> RenderableType:
        """The renderable of a whole value."""
        match value:
            case {**members} if members:
                root = Tree("", hide_root=True, guide_style="quiet")
                self._add_members(root, members, 1)
                return root
            case [*items] if not _is_short(items):
                return self._list(items)
            case _:
                return self._scalar(value)

    def _list(self, items: Sequence[object]) -> RenderableType:
        objects = _like_objects(items)
        if objects:
            return self._table(objects)
        root = Tree("", hide_root=True, guide_style="quiet")
        self._add_items(root, items, 1)
        return root

    def _add_members(self, node: Tree, members: _Object, depth: int) -> None:
        shown = self._shown(list(members))
        for name in shown:
            self._add(node, Text(printable(str(name)), "name"), members[name], depth)
        self._add_rest(node, len(members) - len(shown))

    def _add_items(self, node: Tree, items: Sequence[object], depth: int) -> None:
        shown = self._shown(items)
        for number, item in enumerate(shown):
            self._add(node, Text(str(number), "quiet"), item, depth)
        self._add_rest(node, len(items) - len(shown))

    def _add(self, node: Tree, label: Text, value: object, depth: int) -> None:
        found = _opened(value)
        if not isinstance(found, dict | list) or _is_short(found):
            node.add(_labelled(label, self._scalar(found)))
        elif depth >= _MOST_DEPTH and not self._is_full:
            node.add(_labelled(label, Text(_counted(found), "quiet")))
        elif isinstance(found, dict):
            self._add_members(node.add(label), found, depth + 1)
        else:
            self._add_list(node.add(label), found, depth + 1)

    def _add_list(self, node: Tree, items: Sequence[object], depth: int) -> None:
        objects = _like_objects(items)
        if objects:
            node.add(self._table(objects))
        else:
            self._add_items(node, items, depth)

    def _add_rest(self, node: Tree, count: int) -> None:
        if count:
            node.add(Text(f"… {count} more", "quiet"))

    def _shown[Item](self, items: Sequence[Item]) -> Sequence[Item]:
        return items if self._is_full else items[:MOST_ITEMS]

    def _table(self, rows: Sequence[_Object]) -> RenderableType:
        shown = self._shown(rows)
        rest = len(rows) - len(shown)
        table = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            header_style="name",
        )
        for name in _columns(rows):
            is_number = all(_is_number(row[name]) for row in rows if name in row)
            table.add_column(
                Text(printable(str(name))),
                justify="right" if is_number else "left",
                overflow="fold",
            )
        for row in shown:
            table.add_row(*(self._cell(row, name) for name in _columns(rows)))
        # A caption would be as narrow as the table.
        return Group(table, Text(f"… {rest} more", "quiet")) if rest else table

    def _cell(self, row: _Object, name: object) -> Text:
        return self._cut(compact_json(row[name]), _MOST_IN_A_CELL) if name in row else Text("")

    def _scalar(self, value: object) -> Text:
        return self._cut(compact_json(value), _MOST_CHARACTERS)

    def _cut(self, text: str, most: int) -> Text:
        if self._is_full or len(text) <= most:
            return Text(printable(text))
        rest = f"… {len(text) - most} more characters"
        return Text.assemble(printable(text[:most]), (rest, "quiet"))


def _opened(value: object) -> object:
    """The value, or what it contains if it is the text of a JSON array or object."""
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return value
    try:
        opened: object = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return opened


def _labelled(label: Text, value: Text) -> RenderableType:
    # A grid keeps the further lines of a long value beside its label.
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(label, value)
    return grid


def _is_short(found: dict[object, object] | list[object]) -> bool:
    """Whether it fits on one line: an empty object, or a list of a few scalars."""
    if isinstance(found, dict) or any(isinstance(item, dict | list) for item in found):
        return not found
    return len(compact_json(found)) <= _MOST_ON_A_LINE


def _like_objects(items: Sequence[object]) -> Sequence[_Object]:
    """The items as rows of a table, or nothing if they do not make one."""
    rows: list[_Object] = []
    for item in items:
        match item:
            case {**members} if members:
                rows.append(members)
            case _:
                return ()
    columns = _columns(rows)
    is_table = len(rows) > 1 and len(columns) <= _MOST_COLUMNS
    # With many gaps, a tree is easier to read.
    return rows if is_table and all(2 * len(row) >= len(columns) for row in rows) else ()


def _columns(rows: Sequence[_Object]) -> Sequence[object]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counted(found: dict[object, object] | list[object]) -> str:
    noun = "member" if isinstance(found, dict) else "item"
    return f"({len(found)} {noun}{'' if len(found) == 1 else 's'})"
