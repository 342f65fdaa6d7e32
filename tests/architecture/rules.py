"""The rules that neither ruff nor import-linter can check."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping

from tests.architecture.source import Function, Module, functions, place

MODULES_A_FOLDER = 15
MODULE_LINES = 350
FUNCTION_LINES = 40
NESTING = 3

SLEEPS = frozenset({"asyncio.sleep", "time.sleep"})
YIELD = "asyncio.sleep(0)"
PRIVATE = re.compile(r"\bmirastack_sdk[\w.]*(\._| import _)")
EXEMPTION = re.compile(r"#\s*(?:type:\s*ignore|noqa|pyright:\s*ignore)")
REASON = re.compile(
    r"(?:(?:type|pyright): ignore\[[\w, -]+\]|noqa: [A-Z0-9, ]*[A-Z0-9])\s*(?:#|-)\s*\w.*\w"
)
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


def full_folders(modules: Mapping[str, Module]) -> list[str]:
    """Folders of more than `MODULES_A_FOLDER` modules, `__init__` not counted."""
    counts = Counter(
        module.path.parent.name for module in modules.values() if module.path.stem != "__init__"
    )
    return [f"{name} has {n} modules" for name, n in counts.items() if n > MODULES_A_FOLDER]


def shared_names(modules: Mapping[str, Module]) -> list[str]:
    """Names that more than one module or package has."""
    counts = Counter(name.rpartition(".")[2].strip("_") for name in modules)
    return [f"{n} modules are called {name}" for name, n in counts.items() if n > 1]


def long_modules(modules: Mapping[str, Module]) -> list[str]:
    """Modules of more than `MODULE_LINES` lines."""
    lengths = {name: len(module.text.splitlines()) for name, module in modules.items()}
    return [f"{name} has {n} lines" for name, n in lengths.items() if n > MODULE_LINES]


def long_functions(modules: Mapping[str, Module]) -> list[str]:
    """Functions of more than `FUNCTION_LINES` lines, signature and docstring included."""
    return [
        f"{place(module, function)} {function.name} has {_length(function)} lines"
        for module, function in _all_functions(modules)
        if _length(function) > FUNCTION_LINES
    ]


def deep_functions(modules: Mapping[str, Module]) -> list[str]:
    """Functions whose blocks are nested more than `NESTING` deep."""
    return [
        f"{place(module, function)} {function.name} is {_depth(function)} deep"
        for module, function in _all_functions(modules)
        if _depth(function) > NESTING
    ]


def missing_docstrings(modules: Mapping[str, Module]) -> list[str]:
    """Modules without a docstring; ruff requires public ones only."""
    return [module.name for module in modules.values() if not ast.get_docstring(module.tree)]


def tests_without_promise(modules: Mapping[str, Module]) -> list[str]:
    """Tests without a docstring."""
    return [
        f"{place(module, function)} {function.name}"
        for module, function in _all_functions(modules)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]


def exemptions_without_reason(modules: Mapping[str, Module]) -> list[str]:
    """Comments that silence a checker without giving a reason."""
    return [
        f"{module.name}:{token.start[0]} silences a checker without a reason"
        for module in modules.values()
        if EXEMPTION.search(module.text)
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
        and EXEMPTION.match(token.string)
        and not REASON.search(token.string)
    ]


def sleeps(modules: Mapping[str, Module]) -> list[str]:
    """Sleeps; `asyncio.sleep(0)`, which only yields, does not count."""
    return [
        f"{place(module, node)} sleeps"
        for module in modules.values()
        if "sleep" in module.text
        for node in _sleeps(module)
    ]


def private_imports(modules: Mapping[str, Module]) -> list[str]:
    """Modules that import a private module of the SDK."""
    return [module.name for module in modules.values() if PRIVATE.search(module.text)]


def _sleeps(module: Module) -> Iterator[ast.AST]:
    yields = {
        id(node.func)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node) == YIELD
    }
    for node in ast.walk(module.tree):
        names = [ast.unparse(node)] if isinstance(node, ast.Attribute) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        if not SLEEPS.isdisjoint(names) and id(node) not in yields:
            yield node


def _all_functions(modules: Mapping[str, Module]) -> Iterator[tuple[Module, Function]]:
    for module in modules.values():
        for function in functions(module.tree):
            yield module, function


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _depth(node: ast.AST) -> int:
    """The depth of the blocks below `node`; an `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deeper = 1 if isinstance(child, BLOCKS) and not is_elif else 0
        deepest = max(deepest, deeper + _depth(child))
    return deepest


# The standard library compiles methods of these when a module is imported.
EAGER_CLASSES = {("dataclasses", "dataclass"), ("typing", "NamedTuple")}


def eager_classes(modules: Mapping[str, Module]) -> list[str]:
    """Imports of what the standard library makes classes with, instead of ours."""
    return [
        f"{place(module, node)} imports {alias.name} from {node.module}"
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module, alias.name) in EAGER_CLASSES
    ]
