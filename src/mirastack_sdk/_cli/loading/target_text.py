"""What a command is pointed at: the text of a TARGET, or an ADDRESS."""

import os
import re

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._core.settings.address import Address, AddressError
from mirastack_sdk._deferred.dataclasses import dataclass

_ADDRESS = re.compile(r"(\[.*\]|[^:/]*):[0-9]+|[A-Za-z][A-Za-z0-9+.-]*://.*")
_DOTTED_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetText:
    """A TARGET, taken apart: the path of a file or the name of a module, and an object's name.

    `object_name` is empty if the file or module contains only one agent.
    """

    text: str
    path: str = ""
    module: str = ""
    object_name: str = ""

    @classmethod
    def parse(cls, text: str) -> "TargetText":
        """Take a TARGET apart; raises `CommandError` for what is none."""
        place, separator, name = _split(text)
        if separator and name.isdecimal():
            raise CommandError(
                f"{text!r} is an address, and this command needs the agent's code: write file.py, "
                "file.py:object or package.module:object"
            )
        if separator and not _DOTTED_NAME.fullmatch(name):
            raise CommandError(
                f"{text!r} must name an object after the colon, such as {place}:agent"
            )
        if place.endswith(".py"):
            return cls(text=text, path=_checked_path(place), object_name=name)
        if os.path.exists(place) or os.sep in place:
            raise CommandError(_not_a_file(place))
        if not _DOTTED_NAME.fullmatch(place):
            raise CommandError(
                f"{text!r} is not a target: write file.py, file.py:object or package.module:object"
            )
        return cls(text=text, module=place, object_name=name)


def parse_address(text: str) -> Address | None:
    """Return the ADDRESS of a running agent, or `None` if the text is a TARGET.

    Without a host, as in `:9000`, it is this machine. Raises `CommandError` for something that is
    meant as an address and is none.
    """
    if not _ADDRESS.fullmatch(text) or _split(text)[0].endswith(".py"):
        return None
    try:
        address = Address.parse(text)
    except AddressError as error:
        raise CommandError(f"{text!r} is not an address: {error}") from error
    if address.port == 0:
        raise CommandError(f"{text!r} cannot be called: port 0 is no port of an agent")
    return address if address.host else Address(_LOOPBACK, address.port)


def _split(text: str) -> tuple[str, str, str]:
    if text.endswith(".py"):
        return text, "", ""
    place, separator, name = text.rpartition(":")
    return (place, separator, name) if separator else (text, "", "")


def _checked_path(path: str) -> str:
    if os.path.isfile(path):
        return path
    if os.path.isdir(path):
        raise CommandError(_not_a_file(path))
    raise CommandError(f"there is no file {path}")


def _not_a_file(path: str) -> str:
    if os.path.isdir(path):
        return f"{path} is a folder: name the file in it, such as {os.path.join(path, 'agent.py')}"
    if os.path.exists(path):
        return f"{path} is not a Python file: its name must end in .py"
    return f"there is no file {path}"
