"""The decision whether a contract may be generated after its last release."""

from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from codegen.compatibility.changes import Change
from codegen.compatibility.comparison import compare
from codegen.compatibility.description import describe
from codegen.compatibility.release import Release, read_release, release_path, release_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The changes since the last release; `unused` are accepted ones that no longer exist."""

    path: Path
    release: Release | None
    descriptors: FileDescriptorSet
    breaking: tuple[Change, ...] = ()
    accepted: tuple[Change, ...] = ()
    compatible: tuple[Change, ...] = ()
    unused: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """Return a line for each change that is no error."""
        return [
            *(f"compatible: {change}" for change in self.compatible),
            *(f"accepted: {change}" for change in self.accepted),
        ]

    def errors(self, *, allowed: bool) -> list[str]:
        """Return a line for each breaking change that was not accepted; none if all are allowed."""
        if allowed or not self.breaking:
            return []
        count = len(self.breaking)
        changes = "1 change breaks" if count == 1 else f"{count} changes break"
        return [
            *(f"breaking: {change}" for change in self.breaking),
            f"{changes} the released contract, {self.path}; --allow-breaking accepts that",
        ]

    def outdated(self) -> list[str]:
        """Return a line for each accepted change that no longer exists."""
        return [f"{self.path}: accepts what is no longer so: {fact}" for fact in self.unused]

    def record(self) -> None:
        """Record the breaking changes as accepted, and forget those that no longer exist."""
        if self.release is not None and (self.breaking or self.unused):
            facts = tuple(change.fact for change in (*self.accepted, *self.breaking))
            self._write(Release(descriptors=self.release.descriptors, accepted=facts))

    def make_release(self) -> None:
        """Make today's contract the released one."""
        self._write(Release(descriptors=self.descriptors))

    def _write(self, release: Release) -> None:
        self.path.write_text(release_text(release), encoding="utf-8")


def judge(root: Path, source: Path, descriptors: FileDescriptorSet) -> Verdict:
    """Return the changes since the release; there are none if nothing was released.

    Raises `ReleaseError` if the file of the released contract cannot be read.
    """
    path = root / release_path(source)
    release = read_release(path)
    if release is None:
        return Verdict(path=path, release=None, descriptors=descriptors)
    changes = compare(describe(release.descriptors), describe(descriptors))
    breaking = [change for change in changes if change.is_breaking]
    facts = {change.fact for change in breaking}
    return Verdict(
        path=path,
        release=release,
        descriptors=descriptors,
        breaking=tuple(change for change in breaking if change.fact not in release.accepted),
        accepted=tuple(change for change in breaking if change.fact in release.accepted),
        compatible=tuple(change for change in changes if not change.is_breaking),
        unused=tuple(fact for fact in release.accepted if fact not in facts),
    )
