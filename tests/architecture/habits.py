"""Calls and words that only certain modules may use."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping

from tests.architecture.source import Module, functions, place, sorted_findings

ENVIRONMENT_READERS = frozenset({"mirastack_sdk._runtime.serve"})
ENVIRONMENT_READING_PACKAGES = ("mirastack_sdk.cli.",)
ENVIRONMENT = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb"})

SLEEPERS = frozenset({"mirastack_sdk._runtime.clock"})
SLEEPS = frozenset({"asyncio.sleep", "time.sleep"})

REASON = re.compile(
    r"(?:(?:type|pyright): ignore\[[\w, -]+\]|noqa: [A-Z0-9, ]*[A-Z0-9])\s*(?:#|-)\s*\w.*\w"
)
EXEMPTION = re.compile(r"#\s*(?:type:\s*ignore|noqa|pyright:\s*ignore)")


def _qualified_names(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Each use of `module.name`, also where `name` was imported by itself or renamed."""
    renamed = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node, f"{renamed.get(node.value.id, node.value.id)}.{node.attr}"
        elif isinstance(node, ast.Name) and node.id in renamed:
            yield node, renamed[node.id]


def environment_readers(modules: Mapping[str, Module]) -> list[str]:
    """Reads of the environment outside the start of `serve()` and the command line."""
    return sorted_findings(
        f"{place(module, node)} uses {name}"
        for module in modules.values()
        if module.name not in ENVIRONMENT_READERS
        and not module.name.startswith(ENVIRONMENT_READING_PACKAGES)
        for node, name in _qualified_names(module.tree)
        if name in ENVIRONMENT
    )


def sleepers(modules: Mapping[str, Module]) -> list[str]:
    """Sleeps outside the clock; `asyncio.sleep(0)`, which only yields, is none."""
    return sorted_findings(
        f"{place(module, node)} uses {name}"
        for module in modules.values()
        if module.name not in SLEEPERS
        for node, name in _sleeps(module.tree)
    )


def _sleeps(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    yields = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and [ast.unparse(argument) for argument in node.args] == ["0"]
        and not node.keywords
    }
    for node, name in _qualified_names(tree):
        if name in SLEEPS and not (name == "asyncio.sleep" and id(node) in yields):
            yield node, name


def uses_of_any(modules: Mapping[str, Module]) -> list[str]:
    """Uses of `typing.Any` that no comment, beside or right above, accounts for."""
    return sorted_findings(
        f"{place(module, node)} uses Any"
        for module in modules.values()
        for node, name in _qualified_names(module.tree)
        if name == "typing.Any" and not _has_comment(module, node)
    )


def _has_comment(module: Module, node: ast.AST) -> bool:
    """Whether a line carries a comment, or the line above is one."""
    lines = ["", *module.text.splitlines()]
    number: int = getattr(node, "lineno", 1)
    return "  # " in lines[number] or lines[number - 1].lstrip().startswith("# ")


def casts_without_reason(modules: Mapping[str, Module]) -> list[str]:
    """Uses of `typing.cast` that no comment, beside or right above, accounts for."""
    return sorted_findings(
        f"{place(module, node)} casts without a reason"
        for module in modules.values()
        for node, name in _qualified_names(module.tree)
        if name == "typing.cast" and not _has_comment(module, node)
    )


def exemptions_without_reason(modules: Mapping[str, Module]) -> list[str]:
    """Comments that silence a checker without saying why."""
    return sorted_findings(
        f"{module.name}:{token.start[0]} silences a checker without a reason"
        for module in modules.values()
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT
        and EXEMPTION.match(token.string)
        and not REASON.search(token.string)
    )


def modules_without_docstring(modules: Mapping[str, Module]) -> list[str]:
    """Modules that do not say what they are for."""
    return sorted_findings(
        module.name for module in modules.values() if not ast.get_docstring(module.tree)
    )


def tests_without_docstring(modules: Mapping[str, Module]) -> list[str]:
    """Tests that do not state the promise they hold."""
    return sorted_findings(
        f"{place(module, function)} {function.name}"
        for module in modules.values()
        for function in functions(module.tree)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    )
