"""The value that is made of files, made anew when they change."""

import os
from collections.abc import Callable, Sequence

from mirastack_sdk._log import Log
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("security")

type _Stamp = tuple[int, int, int] | None


class ReloadedFiles[T]:
    """The value that `make` returns for the files at `paths`.

    Only `current()` checks whether they have changed. Files that cannot be used leave the value as
    it was, with one warning. The constructor raises what `make` raises: `ConfigurationError`.
    """

    def __init__(self, paths: Sequence[str], make: Callable[[], T]) -> None:
        self._paths = tuple(paths)
        self._make = make
        # Taken before the files are read, so that a write in between counts as a change.
        self._stamps = self._look()
        self._value = make()

    def current(self) -> T:
        """Return the value for the files as they are now."""
        stamps = self._look()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._value = self._make()
            except ConfigurationError as error:
                _LOG.warning("%s; the previous content stays in use", error)
            else:
                _LOG.info("read again: %s", ", ".join(self._paths))
        return self._value

    def _look(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: str) -> _Stamp:
    # Follows links: Kubernetes replaces the link to the folder that holds a secret's files.
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
