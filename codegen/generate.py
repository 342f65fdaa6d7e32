"""From a proto file to the generated package on disk."""

from pathlib import Path

from codegen.contract import read_contract
from codegen.protoc import compile_proto
from codegen.rendering import render


def generate(root: Path, source: Path) -> dict[str, str]:
    """Return the generated modules' texts by file name."""
    return render(read_contract(compile_proto(root, source)))


def differing(modules: dict[str, str], folder: Path) -> list[tuple[Path, str]]:
    """Return a folder's files that are not as they would be generated, each with what is wrong."""
    found = {path.name: path for path in sorted(folder.glob("*.py"))}
    missing = [(folder / name, "missing") for name in modules if name not in found]
    changed = [
        (folder / name, "not as generated")
        for name, text in modules.items()
        if name in found and found[name].read_bytes() != text.encode()
    ]
    extra = [
        (path, "not generated any more") for name, path in found.items() if name not in modules
    ]
    return missing + changed + extra


def write(modules: dict[str, str], folder: Path) -> None:
    """Make a folder hold the generated modules and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, _ in differing(modules, folder):
        if path.name in modules:
            path.write_text(modules[path.name], encoding="utf-8")
        else:
            path.unlink()
