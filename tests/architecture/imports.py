"""Which module imports which, and whether it may."""

import ast
import sys
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from tests.architecture.source import Module, sorted_findings

PACKAGE = "mirastack_sdk"
LAYERS = frozenset(
    {"_log", "_text", "_gen", "_core", "_wire", "_runtime", "_actions", "testing", "cli", "errors"}
)
"""The parts of the house by name; every other module is public."""

HELPERS = ("_log", "_text")
"""What every layer may use."""

MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "errors": (),
    "_log": (),
    "_text": (),
    "_wire": ("errors", "_wire"),
    # What generated code stands on, and nothing else of the wire.
    "_gen": (
        "errors",
        "_gen",
        "_wire.codec",
    ),
    "_core": ("errors", "_core", "_gen"),
    "_runtime": ("errors", "_runtime", "_core", "_wire", "_gen"),
    # Of what owns tasks, only the threads that an author's plain functions run in.
    "_actions": ("errors", "_actions", "_core", "_runtime.calls.threads"),
    "public": ("errors", "public", "_actions", "_runtime", "_core"),
    # The package itself, which offers every documented name and which no module imports.
    "package": ("errors", "public", "testing", "_runtime"),
    "testing": ("errors", "testing", "public", "_runtime", "_core", "_wire", "_gen"),
    "cli": ("errors", "cli", "testing", "public", "_runtime", "_core", "_wire", "_gen"),
}
"""The house's directions: a layer, and the prefixes it may import."""

THIRD_PARTY: Mapping[str, tuple[str, ...]] = {
    "betterproto": ("_gen", "_wire.codec.betterproto_loader", "_wire.codec.well_known_types"),
    "grpclib": ("_wire", "_gen.services"),
    "hpack": ("_wire",),
    "opentelemetry": ("_runtime",),
    "pydantic": ("_actions",),
    "pydantic_core": ("_actions",),
}
"""Every package that is not Python's own, and the prefixes that may import it."""

OPTIONAL = ("opentelemetry", "mirastack_sdk._runtime.telemetry.otel_recorder")
"""Extras and what only an extra needs, which alone may be imported inside a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported module; `in_function` says that it is imported when a function runs."""

    importer: str
    target: str
    line: int
    in_function: bool

    @property
    def top_level(self) -> str:
        """The package that the imported module belongs to."""
        return self.target.partition(".")[0]


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    if module.path.name != "__init__.py":
        package = package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _targets(
    module: Module, node: ast.Import | ast.ImportFrom, known: Container[str]
) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = _absolute(module, node)
    for alias in node.names:
        submodule = f"{base}.{alias.name}"
        yield submodule if submodule in known else base


def imports_of(module: Module, known: Container[str]) -> list[Import]:
    """Every import of a module: at its top, under TYPE_CHECKING and inside functions."""
    inside = {
        id(node)
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    return [
        Import(
            importer=module.name, target=target, line=node.lineno, in_function=id(node) in inside
        )
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for target in _targets(module, node, known)
    ]


def all_imports(modules: Mapping[str, Module]) -> list[Import]:
    """Every import of every module."""
    return [found for module in modules.values() for found in imports_of(module, modules)]


def layer_of(name: str) -> str:
    """The part of the house that a module belongs to."""
    if name == PACKAGE:
        return "package"
    part = name.split(".")[1]
    return part if part in LAYERS else "public"


def _begins_with(name: str, prefix: str) -> bool:
    inner = name.removeprefix(f"{PACKAGE}.")
    return inner == prefix or inner.startswith(f"{prefix}.")


def _allowed(found: Import) -> bool:
    prefixes = MAY_IMPORT[layer_of(found.importer)]
    if layer_of(found.target) in {"public", "package"}:
        return layer_of(found.target) in prefixes
    return any(_begins_with(found.target, prefix) for prefix in (*HELPERS, *prefixes))


def wrong_directions(modules: Mapping[str, Module]) -> list[str]:
    """Imports that run against the house's directions."""
    return sorted_findings(
        f"{found.importer}:{found.line} imports {found.target}"
        for found in all_imports(modules)
        if found.top_level == PACKAGE and not _allowed(found)
    )


def wrong_third_parties(modules: Mapping[str, Module]) -> list[str]:
    """Imports of packages that are not declared, or not from where they may be imported."""
    return sorted_findings(
        f"{found.importer}:{found.line} imports {found.target}"
        for found in all_imports(modules)
        if found.top_level != PACKAGE
        and found.top_level not in sys.stdlib_module_names
        and not any(
            _begins_with(found.importer, prefix) for prefix in THIRD_PARTY.get(found.top_level, ())
        )
    )


def imports_in_functions(modules: Mapping[str, Module]) -> list[str]:
    """Imports that are not at the top, other than of optional extras."""
    return sorted_findings(
        f"{found.importer}:{found.line} imports {found.target} inside a function"
        for found in all_imports(modules)
        if found.in_function and not found.target.startswith(OPTIONAL)
    )


def cycles(modules: Mapping[str, Module]) -> list[str]:
    """Groups of modules each of which, directly or not, imports itself."""
    graph = {name: set[str]() for name in modules}
    for found in all_imports(modules):
        if found.target in graph:
            graph[found.importer].add(found.target)
    reachable = {name: _reachable(name, graph) for name in graph}
    return sorted_findings(
        " <-> ".join(sorted({name} | {other for other in found if name in reachable[other]}))
        for name, found in reachable.items()
        if name in found
    )


def _reachable(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph[name])
    return found


def private_imports(modules: Mapping[str, Module]) -> list[str]:
    """Imports of the SDK's private modules: for programs that stand where authors stand."""
    return sorted_findings(
        f"{found.importer}:{found.line} imports {found.target}"
        for found in all_imports(modules)
        if found.top_level == PACKAGE
        and any(part.startswith("_") for part in found.target.split("."))
    )
