"""The compilation of a proto file to its descriptor, with protoc."""

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet


class ProtocError(Exception):
    """A proto file that protoc does not accept; the text is protoc's message."""


def compile_proto(root: Path, source: Path) -> FileDescriptorProto:
    """Return the descriptor of `source` under `root`, including comments and line numbers."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "descriptors"
        result = subprocess.run(  # noqa: S603 - a fixed command whose arguments are paths
            [
                sys.executable,
                "-m",
                "grpc_tools.protoc",
                "--proto_path=.",
                "--include_source_info",
                f"--descriptor_set_out={output}",
                str(source),
            ],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise ProtocError(result.stderr.strip())
        (descriptor,) = FileDescriptorSet.FromString(output.read_bytes()).file
        return descriptor
