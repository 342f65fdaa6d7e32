"""The compilation of proto files to their descriptors, with protoc."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet


class ProtocError(Exception):
    """Proto files that protoc does not accept; the text is protoc's message."""


def compile_protos(root: Path, sources: Sequence[Path]) -> FileDescriptorSet:
    """Return the descriptors of `sources` under `root` and of all that they import.

    A file comes after the files that it imports. Comments and line numbers are included.
    """
    if not root.is_dir():
        raise ProtocError(f"{root}: there is no such folder")
    for source in sources:
        if not (root / source).is_file():
            raise ProtocError(f"{source}: there is no such file in {root}")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "descriptors"
        result = subprocess.run(  # noqa: S603 - a fixed command whose arguments are paths
            [
                *(sys.executable, "-m", "grpc_tools.protoc", "--proto_path=."),
                *("--include_source_info", "--include_imports"),
                f"--descriptor_set_out={output}",
                *(source.as_posix() for source in sources),
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise ProtocError(result.stderr.strip())
        return FileDescriptorSet.FromString(output.read_bytes())


def compile_proto(root: Path, source: Path) -> FileDescriptorProto:
    """Return the descriptor of one file, which is the last of what it imports."""
    return compile_protos(root, [source]).file[-1]
