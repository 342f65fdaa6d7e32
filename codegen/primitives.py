"""Which functions and constants the generated codecs find in `_wire/codec`, and where.

The sources are read and not imported: the package imports its generated code, and
generating that must not need it.
"""

import ast
from pathlib import Path

_CODEC = Path(__file__).parent.parent / "src" / "mirastack_sdk" / "_wire" / "codec"


def imports_of(code: str, encoding: str) -> dict[str, list[str]]:
    """Return, by the module of `_wire/codec` they are in, the public names that code uses."""
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    modules = ("checks", "message_codec", f"{encoding}_reader", f"{encoding}_writer")
    return {module: sorted(used & _public_names(module)) for module in modules}


def _public_names(module: str) -> set[str]:
    tree = ast.parse((_CODEC / f"{module}.py").read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
            case _:
                pass
    return {name for name in names if not name.startswith("_")}
