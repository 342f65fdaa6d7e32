"""Values made of files, and made again when the files have changed."""

import os
from collections.abc import Callable, Sequence

from mirastack_sdk._log import Log
from mirastack_sdk.errors import ConfigurationError

_LOG = Log("security")

type _Stamp = tuple[int, int, int] | None


class Reloading[T]:
    """What `make` makes of the files at `paths`.

    `current()` looks whether they have changed since; nothing else does. Files that cannot be used
    leave the value as it was, and are complained of once. The constructor raises what `make` does:
    `ConfigurationError`.
    """

    def __init__(self, paths: Sequence[str], make: Callable[[], T]) -> None:
        self._paths = tuple(paths)
        self._make = make
        # Taken before the files are read: what is written meanwhile is a change.
        self._stamps = self._look()
        self._value = make()

    def current(self) -> T:
        """Return the value that the files stand for now."""
        stamps = self._look()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._value = self._make()
            except ConfigurationError as error:
                _LOG.warning("%s; what was read before stays in use", error)
            else:
                _LOG.info("read again: %s", ", ".join(self._paths))
        return self._value

    def _look(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: str) -> _Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
