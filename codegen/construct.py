"""The constructs of a proto file, with their comments and their lines for error messages."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo

type Path = tuple[int, ...]


class RefusalError(Exception):
    """Constructs for which no correct code can be generated; the text has a line for each."""

    def __init__(self, refusals: Iterable[str]) -> None:
        super().__init__("\n".join(refusals))


@dataclass(frozen=True, slots=True)
class Construct:
    """A construct, located by its path in the descriptor of the file."""

    file: str
    locations: dict[Path, SourceCodeInfo.Location]
    path: Path
    title: str

    def inner(self, list_number: int, index: int, title: str) -> "Construct":
        """Return an inner construct: an element of one of the descriptor's lists."""
        return Construct(self.file, self.locations, (*self.path, list_number, index), title)

    @property
    def comment(self) -> str:
        """The comment before the construct, or else the one after it, or else `""`."""
        location = self.locations.get(self.path)
        if location is None:
            return ""
        text = location.leading_comments or location.trailing_comments
        return inspect.cleandoc(text).strip()

    def refusal(self, reason: str) -> str:
        """Return the error that names the construct and its line, or that of an enclosing one."""
        for length in range(len(self.path), -1, -1):
            location = self.locations.get(self.path[:length])
            if location is not None:
                return f"{self.file}:{location.span[0] + 1}: {self.title}: {reason}"
        return f"{self.file}: {self.title}: {reason}"


def whole_file(descriptor: FileDescriptorProto) -> Construct:
    """Return the construct of the file itself."""
    locations = {
        tuple(location.path): location for location in descriptor.source_code_info.location
    }
    return Construct(descriptor.name, locations, (), "the file")
