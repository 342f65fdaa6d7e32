"""The imports that generated codecs need from `_wire/codec`.

The sources are parsed instead of imported: the package imports its generated code, so generating
it must work without importing the package.
"""

import ast
import re
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

_CODEC = Path(__file__).parent.parent / "src" / "mirastack_sdk" / "_wire" / "codec"
_STRING = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")
_NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")


def names_in(code: str) -> set[str]:
    """Return the names that code uses, without those in its strings and of its attributes."""
    return set(_NAME.findall(_STRING.sub("", code)))


def imports_of(used: AbstractSet[str], encoding: str) -> dict[str, list[str]]:
    """Return the public names among those that a codec uses, by their module in `_wire/codec`."""
    modules = (
        *("checks", "message_codec", "times"),
        *(f"{encoding}_reader", f"{encoding}_well_known", f"{encoding}_writer"),
    )
    return {module: sorted(used & _public_names(module)) for module in modules}


@cache
def _public_names(module: str) -> frozenset[str]:
    tree = ast.parse((_CODEC / f"{module}.py").read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return frozenset(name for name in names if not name.startswith("_"))
