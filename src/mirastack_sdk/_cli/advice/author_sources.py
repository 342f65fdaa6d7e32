"""The modules that the author of an agent wrote, as syntax trees."""

import ast
import os
import sys
from collections.abc import Iterator, Sequence

from mirastack_sdk._cli.loading.author_code import is_authors
from mirastack_sdk._deferred.dataclasses import dataclass

# Packages of another environment beside the agent.
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorModule:
    """One module: its path, as people type it, and its syntax tree."""

    path: str
    tree: ast.Module

    def texts(self) -> Iterator[ast.Constant]:
        """The texts in the code, without docstrings."""
        docstrings = {id(text) for text in _docstrings(self.tree)}
        for node in ast.walk(self.tree):
            match node:
                case ast.Constant(value=str()) if id(node) not in docstrings:
                    yield node
                case _:
                    pass

    def names(self) -> set[str]:
        """All names of variables, attributes, parameters and imports."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.alias(name=name):
                    found.add(name)
                case _:
                    pass
        return found

    def place(self, node: ast.expr | ast.stmt) -> str:
        """The place of a finding: file and line."""
        return f"{self.path}:{node.lineno}"


def author_modules(file: str) -> Sequence[AuthorModule]:
    """The module of an agent, and those that it imported from its own folder or package."""
    if not file:
        return ()
    root = _root(file)
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    # Python and the SDK may be installed below the agent's folder.
    is_installed = not is_authors(file)
    others = {
        path
        for path in loaded
        if isinstance(path, str) and _is_below(root, path) and (is_installed or is_authors(path))
    }
    ours = sorted(others - {file})
    modules = [_parsed(path) for path in (file, *ours)]
    return [module for module in modules if module is not None]


def _root(file: str) -> str:
    """The folder of a file, or of the outermost package that it is in."""
    folder = os.path.dirname(file)
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        parent = os.path.dirname(folder)
        if not os.path.isfile(os.path.join(parent, "__init__.py")):
            return folder
        folder = parent
    return folder


def _is_below(root: str, path: str) -> bool:
    if not path.endswith(".py") or not path.startswith(root + os.sep):
        return False
    return not any(f"{os.sep}{name}{os.sep}" in path[len(root) :] for name in _INSTALLED)


def _parsed(path: str) -> AuthorModule | None:
    """The tree of a file; `None` if it is no Python source, such as a compiled module."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return None
    shown = os.path.relpath(path)
    return AuthorModule(path=path if shown.startswith("..") else shown, tree=tree)


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """The texts that are statements of their own: docstrings, also those of attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
