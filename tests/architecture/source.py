"""Source files, parsed once for every check that reads them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

type Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file; `name` is how it is imported."""

    name: str
    path: Path
    text: str
    tree: ast.Module


def read_module(path: Path, root: Path) -> Module:
    """Parse one file; its name is its path below `root`."""
    parts = path.relative_to(root).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    text = path.read_text(encoding="utf-8")
    return Module(name=".".join(parts), path=path, text=text, tree=ast.parse(text, str(path)))


def read_tree(folder: Path, root: Path) -> dict[str, Module]:
    """Every module below `folder`, by name."""
    modules = (read_module(path, root) for path in sorted(folder.rglob("*.py")))
    return {module.name: module for module in modules}


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def write_tree(root: Path, files: dict[str, str]) -> dict[str, Module]:
    """Write a made-up package `mirastack_sdk` for the checks' own tests, and read it."""
    for name, text in files.items():
        path = root / "mirastack_sdk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_tree(root / "mirastack_sdk", root)


def place(module: Module, node: ast.AST) -> str:
    """The location of a finding, as file and line."""
    return f"{module.name}:{getattr(node, 'lineno', 1)}"
