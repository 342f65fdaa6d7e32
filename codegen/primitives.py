"""The imports that generated codecs need from `_wire/codec`.

The sources are parsed instead of imported: the package imports its generated code, so generating
it must work without importing the package.
"""

import ast
from pathlib import Path

_CODEC = Path(__file__).parent.parent / "src" / "mirastack_sdk" / "_wire" / "codec"


def imports_of(code: str, encoding: str) -> dict[str, list[str]]:
    """Return the public names that `code` uses, by their module in `_wire/codec`."""
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
