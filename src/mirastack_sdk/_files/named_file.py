"""A file that a setting names: a certificate, a key or a secret, read whole or refused."""

import os
import stat

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk.errors import ConfigurationError

# A larger file is no certificate, key or secret, and would be held in memory.
_MAX_SIZE = 4 * 1024 * 1024


class NamedFile(NamedTuple):
    """A file, with the name of the setting that it comes from."""

    setting: str
    path: str

    def __str__(self) -> str:
        return self.path if self.path.isprintable() else ascii(self.path)


def read_file(file: NamedFile) -> bytes:
    """Return a file's content; raises `ConfigurationError`."""
    try:
        with open(file.path, "rb", opener=_open_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigurationError(f"{file.setting}: {file} is not a regular file")
            data = stream.read(_MAX_SIZE + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"{file.setting}: there is no file {file}") from None
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number else "it is no file"
        raise ConfigurationError(f"{file.setting}: {file} cannot be read: {reason}") from error
    if len(data) > _MAX_SIZE:
        raise ConfigurationError(f"{file.setting}: {file} is larger than {_MAX_SIZE >> 20} MiB")
    return data


def _open_at_once(path: str, flags: int) -> int:
    # Opening a named pipe would wait for somebody who writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_secret(file: NamedFile) -> str:
    """Return the text in a file, without a line break at its end; raises `ConfigurationError`."""
    try:
        text = read_file(file).decode()
    except UnicodeDecodeError:
        # Without its cause, which shows the content.
        raise ConfigurationError(f"{file.setting}: {file} is not UTF-8 text") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text.strip():
        raise ConfigurationError(f"{file.setting}: {file} is empty")
    return text
