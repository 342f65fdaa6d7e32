"""How long, how wide and how deep code may be."""

import ast
from collections.abc import Iterator, Mapping

from tests.architecture.source import Function, Module, functions, place, sorted_findings

MODULE_LINES = 350
FUNCTION_LINES = 40
PARAMETERS = 8
NESTING = 3

BLOCKS = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)


def long_modules(modules: Mapping[str, Module]) -> list[str]:
    """Modules of more than `MODULE_LINES` lines."""
    lengths = {name: len(module.text.splitlines()) for name, module in modules.items()}
    return sorted_findings(
        f"{name} has {length} lines" for name, length in lengths.items() if length > MODULE_LINES
    )


def long_functions(modules: Mapping[str, Module]) -> list[str]:
    """Functions of more than `FUNCTION_LINES` lines, signature and docstring included."""
    return sorted_findings(
        f"{place(module, function)} {function.name} has {_length(function)} lines"
        for module, function in _all_functions(modules)
        if _length(function) > FUNCTION_LINES
    )


def wide_functions(modules: Mapping[str, Module]) -> list[str]:
    """Functions of more than `PARAMETERS` parameters, `self` and `cls` not counted."""
    return sorted_findings(
        f"{place(module, function)} {function.name} has {_parameters(function)} parameters"
        for module, function in _all_functions(modules)
        if _parameters(function) > PARAMETERS
    )


def deep_functions(modules: Mapping[str, Module]) -> list[str]:
    """Functions whose blocks are nested more than `NESTING` deep."""
    return sorted_findings(
        f"{place(module, function)} {function.name} is {_depth(function)} deep"
        for module, function in _all_functions(modules)
        if _depth(function) > NESTING
    )


def _all_functions(modules: Mapping[str, Module]) -> Iterator[tuple[Module, Function]]:
    for module in modules.values():
        for function in functions(module.tree):
            yield module, function


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _parameters(function: Function) -> int:
    arguments = function.args
    names = [
        argument.arg
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    ]
    return len([name for name in names if name not in {"self", "cls"}])


def _depth(node: ast.AST) -> int:
    """How deep the blocks below `node` go; an `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deeper = 1 if isinstance(child, BLOCKS) and not is_elif else 0
        deepest = max(deepest, deeper + _depth(child))
    return deepest
