"""Where each construct of a proto file stands, and what its comment says."""

import inspect
from collections.abc import Sequence

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo


class Source:
    """A proto file's lines and comments, found by a construct's path in the descriptor."""

    def __init__(self, descriptor: FileDescriptorProto) -> None:
        self._name = descriptor.name
        self._locations: dict[tuple[int, ...], SourceCodeInfo.Location] = {
            tuple(location.path): location for location in descriptor.source_code_info.location
        }

    def place(self, path: Sequence[int]) -> str:
        """Return the file and line of a construct; of what it stands in, if it has none itself."""
        for length in range(len(path), -1, -1):
            location = self._locations.get(tuple(path[:length]))
            if location is not None:
                return f"{self._name}:{location.span[0] + 1}"
        return self._name

    def comment(self, path: Sequence[int]) -> str:
        """Return the comment before a construct, or else the one after it, or else nothing."""
        location = self._locations.get(tuple(path))
        if location is None:
            return ""
        text = location.leading_comments or location.trailing_comments
        return inspect.cleandoc("\n".join(line.rstrip() for line in text.splitlines())).strip()
