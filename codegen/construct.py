"""One construct of a proto file: where it stands, what its comment says, how it is refused."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo

type Path = tuple[int, ...]


class RefusalError(Exception):
    """A construct that no correct code can be generated for; the text starts with its line."""


@dataclass(frozen=True, slots=True)
class Construct:
    """A construct, found by the path that leads to it in the file's descriptor."""

    file: str
    locations: dict[Path, SourceCodeInfo.Location]
    path: Path
    title: str

    def inner(self, list_number: int, index: int, title: str) -> "Construct":
        """Return a construct within: the element of one of the descriptor's lists."""
        return Construct(self.file, self.locations, (*self.path, list_number, index), title)

    @property
    def comment(self) -> str:
        """The comment before it, or else the one after it, or else nothing."""
        location = self.locations.get(self.path)
        if location is None:
            return ""
        text = location.leading_comments or location.trailing_comments
        return inspect.cleandoc(text).strip()

    def refusal(self, reason: str) -> RefusalError:
        """Return the error that names it, and its line or that of what it stands in."""
        for length in range(len(self.path), -1, -1):
            location = self.locations.get(self.path[:length])
            if location is not None:
                return RefusalError(f"{self.file}:{location.span[0] + 1}: {self.title}: {reason}")
        return RefusalError(f"{self.file}: {self.title}: {reason}")


def whole_file(descriptor: FileDescriptorProto) -> Construct:
    """Return the construct that is the file itself."""
    locations = {
        tuple(location.path): location for location in descriptor.source_code_info.location
    }
    return Construct(descriptor.name, locations, (), "the file")


def check_distinct(names: Iterable[tuple[str, Construct]]) -> None:
    """Refuse a construct that would have the Python name of one before it."""
    seen: dict[str, Construct] = {}
    for name, construct in names:
        if name in seen:
            raise construct.refusal(f"it and {seen[name].title} would both be named {name}")
        seen[name] = construct
