"""The generator: a proto file in, the generated package out, compared or written."""

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from codegen.code_differences import code_differences
from codegen.contract import read_contract
from codegen.protoc import compile_proto
from codegen.rendering import render

_CHANGED = "differs from what is generated"


def generate(root: Path, source: Path) -> dict[str, str]:
    """Return the text of each generated module by its file name."""
    return generated_from(compile_proto(root, source))


def generated_from(descriptor: FileDescriptorProto) -> dict[str, str]:
    """Return the text of each generated module of a compiled proto file."""
    return render(read_contract(descriptor))


def reported(modules: dict[str, str], folder: Path) -> list[str]:
    """Return a line for each difference between a folder and the generated modules."""
    return [
        line
        for path, reason in differing(modules, folder)
        for line in _lines(modules.get(path.name, ""), path, reason)
    ]


def _lines(wanted: str, path: Path, reason: str) -> list[str]:
    if reason != _CHANGED:
        return [f"{path}: {reason}"]
    places = code_differences(path.read_bytes(), wanted)
    return [f"{path}:{line}: {difference}" for line, difference in places]


def differing(modules: dict[str, str], folder: Path) -> list[tuple[Path, str]]:
    """Return the files in a folder that differ from the generated ones, each with the reason."""
    found = {path.name: path for path in sorted(folder.glob("*.py"))}
    missing = [(folder / name, "missing") for name in modules if name not in found]
    changed = [
        (folder / name, _CHANGED)
        for name, text in modules.items()
        if name in found and found[name].read_bytes() != text.encode()
    ]
    extra = [(path, "no longer generated") for name, path in found.items() if name not in modules]
    return missing + changed + extra


def write(modules: dict[str, str], folder: Path) -> None:
    """Write the generated modules to a folder, and remove other modules from it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, _ in differing(modules, folder):
        if path.name in modules:
            path.write_text(modules[path.name], encoding="utf-8")
        else:
            path.unlink()
