"""What a shell offers for the arguments of commands."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_MARK = "action"
_DECLARATION = "Action"
_NAMES = frozenset({"name", "id"})  # `id` is the name in the published SDK


def complete_target(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> Sequence[CompletionItem]:
    """Offer files."""
    return [CompletionItem(incomplete, type="file")]


def complete_action(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> Sequence[CompletionItem]:
    """Offer the actions that the file of the target names; its code does not run."""
    path = str(ctx.params.get("target") or "").partition(".py:")[0].removesuffix(".py")
    names = dict.fromkeys(action_names(Path(f"{path}.py")))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def action_names(path: Path) -> Iterator[str]:
    """The names of the actions in a Python file, as far as its text tells them."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _marked_name(node)
            case ast.Call() if _called(node) == _DECLARATION:
                yield from _given_name(node, has_position=True)
            case _:
                pass


def _marked_name(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The name of a function with the decorator of an action: its own, or the one it is given."""
    for decorator in function.decorator_list:
        if _called(decorator) == _MARK:
            names = [] if not isinstance(decorator, ast.Call) else _given_name(decorator)
            yield next(iter(names), function.name)


def _given_name(call: ast.Call, *, has_position: bool = False) -> Iterator[str]:
    given = [keyword.value for keyword in call.keywords if keyword.arg in _NAMES]
    for value in [*given, *(call.args[:1] if has_position else [])]:
        match value:
            case ast.Constant(value=str(name)):
                yield name
            case _:
                pass


def _called(node: ast.expr) -> str:
    """The last part of the name that is called or used."""
    match node.func if isinstance(node, ast.Call) else node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
