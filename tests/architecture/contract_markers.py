"""The statements of the engine contract that tests refer to, read from the sources."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.source import Module, place

MARKER = "pytest.mark.contract"


def marked_statements(modules: Iterable[Module]) -> dict[str, list[str]]:
    """Where each statement is referred to.

    Raises `ValueError` for a marker that is on no test, or whose text is not a constant.
    """
    found: dict[str, list[str]] = {}
    for module in modules:
        texts = _constants(module.tree)
        on_tests = [call for owner in _owners(module.tree) for call in _markers(owner)]
        for call in _markers(module.tree):
            if call not in on_tests:
                raise ValueError(f"{place(module, call)}: the marker is not on a test")
            statement = _text(call.args[0], texts)
            if statement is None:
                raise ValueError(f"{place(module, call)}: the statement is not a constant")
            found.setdefault(statement, []).append(place(module, call))
    return found


def _owners(tree: ast.Module) -> Iterator[ast.AST]:
    """What pytest takes markers from: decorators of tests, and `pytestmark`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield from node.decorator_list
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield node.value


def _markers(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == MARKER
    ]


def _constants(tree: ast.Module) -> dict[str, str]:
    """The module's names for texts, with which markers of one section may begin."""
    return {
        ast.unparse(node.targets[0]): node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _text(node: ast.expr, texts: Mapping[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return texts.get(name)
        case ast.FormattedValue(value=value):
            return _text(value, texts)
        case ast.JoinedStr(values=values):
            return _joined([_text(value, texts) for value in values])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_text(left, texts), _text(right, texts)])
        case _:
            return None


def _joined(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None
