"""Compiles a proto file to its descriptor with protoc."""

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet


class ProtocError(Exception):
    """A proto file that protoc does not accept; the text is protoc's own."""


def compile_proto(root: Path, source: Path) -> FileDescriptorProto:
    """Return the descriptor, comments and lines included, of a proto file under a root."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "descriptors"
        result = subprocess.run(  # noqa: S603 - the command is our own, its arguments are paths
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
