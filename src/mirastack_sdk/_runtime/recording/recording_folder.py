"""The folder with the recordings: files that appear at once, and are removed when they are many."""

import contextlib
import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from stat import S_ISREG

from mirastack_sdk._deferred.named_tuples import NamedTuple

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_SUFFIX = ".json"
# No other file in the folder is touched.
_RECORDING = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[\w-]+-[\w-]+\.json")
_UNFINISHED = re.compile(r"\.\d{8}T\d{6}\.\d{6}Z-[\w-]+-[\w-]+\.json\.\d+")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST_PART = 40
_PARTS = 50
# Nobody writes a file for longer.
_UNFINISHED_SECONDS = 600


class _File(NamedTuple):
    name: str
    size: int


class RecordingFolder:
    """Writes recordings into a folder of at most so many files and bytes: the oldest are removed.

    Several agents may write into one folder. Methods raise `OSError`.
    """

    def __init__(self, path: str, *, most_files: int, most_bytes: int) -> None:
        self.path = os.path.abspath(path)
        # Looking at all files takes as long as writing one, so it is done after some writes, and
        # leaves room for the next ones.
        self._spare_files = most_files // _PARTS
        self._spare_bytes = most_bytes // _PARTS
        self._most_files = most_files - self._spare_files
        self._most_bytes = most_bytes - self._spare_bytes
        self._new_files = self._spare_files
        self._new_bytes = 0

    def prepare(self) -> None:
        """Create the folder if it does not exist, for its owner only."""
        os.makedirs(self.path, mode=_PRIVATE_FOLDER, exist_ok=True)

    def write(self, name: str, text: str) -> None:
        """Write a file, which is complete when it appears, and remove the oldest ones."""
        self.prepare()
        data = text.encode()
        target = os.path.join(self.path, name)
        unfinished = os.path.join(self.path, f".{name}.{os.getpid()}")
        try:
            _write_private(unfinished, data)
            os.replace(unfinished, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(unfinished)
            raise
        self._new_files += 1
        self._new_bytes += len(data)
        if self._new_files >= self._spare_files or self._new_bytes >= self._spare_bytes:
            self._new_files = self._new_bytes = 0
            self._remove_oldest()

    def remove_unfinished(self) -> None:
        """Remove what processes that were killed have left behind.

        Not by their ids: agents in several containers may share the folder.
        """
        oldest = time.time() - _UNFINISHED_SECONDS
        for name in filter(_UNFINISHED.fullmatch, os.listdir(self.path)):
            path = os.path.join(self.path, name)
            with contextlib.suppress(FileNotFoundError):
                if os.lstat(path).st_mtime < oldest:
                    os.unlink(path)

    def _remove_oldest(self) -> None:
        found = sorted(self._recordings(), reverse=True)
        size = 0
        for number, file in enumerate(found, 1):
            size += file.size
            # The newest stays, however large it is.
            if number > 1 and (number > self._most_files or size > self._most_bytes):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.path, file.name))

    def _recordings(self) -> Iterator[_File]:
        for name in filter(_RECORDING.fullmatch, os.listdir(self.path)):
            # Another agent may remove it meanwhile.
            with contextlib.suppress(FileNotFoundError):
                status = os.lstat(os.path.join(self.path, name))
                if S_ISREG(status.st_mode):
                    yield _File(name, status.st_size)


def file_name(started: datetime, action: str, execution_id: str) -> str:
    """The name of a recording: names sort by the time of the start, which is in UTC."""
    moment = started.strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{_part(action)}-{_part(execution_id)}{_SUFFIX}"


def _part(text: str) -> str:
    return _NOT_IN_A_NAME.sub("-", text)[:_LONGEST_PART].strip("-") or "none"


def _write_private(path: str, data: bytes) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, _PRIVATE_FILE), "wb") as file:
        file.write(data)
