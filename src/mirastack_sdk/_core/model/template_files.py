"""The files of prompt templates: `templates/*.tmpl`, one template in each."""

import os
import re
from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk.errors import InvalidPluginError

_SUFFIX = ".tmpl"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A comment of Go's templates that has its lines to itself: `{{/* … */}}`, or with trim markers.
_LEADING_COMMENT = r"""(?sx) \s* \{\{ (?: -\s )? /\*
    (?P<text> .*? ) \*/ (?: \}\} [ \t]* (?: \n | \Z ) | \s-\}\} \s* )"""


class TemplateFolder(Protocol):
    """A folder of an installed package, such as `importlib.resources.files` returns, or its file.

    A `pathlib.Path` is one too.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The last part of the path."""

    @abstractmethod
    def is_dir(self) -> bool:
        """Whether it is a folder."""

    @abstractmethod
    def iterdir(self) -> Iterator["TemplateFolder"]:
        """The files and folders in it."""

    @abstractmethod
    def read_bytes(self) -> bytes:
        """The content of a file."""


class TemplateFile(NamedTuple):
    """What one file says: the fields of a prompt template."""

    name: str
    content: str
    description: str


def read_template_files(folder: TemplateFolder | os.PathLike[str] | str) -> list[TemplateFile]:
    """The templates of a folder, by name; raises `InvalidPluginError` with every problem."""
    where = _folder(folder)
    try:
        if not where.is_dir():
            raise InvalidPluginError([f"prompt templates: {where} is not a folder that exists"])
        files = [file for file in where.iterdir() if _is_template(file)]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidPluginError([f"prompt templates: {where} cannot be read: {reason}"]) from error
    if not files:
        raise InvalidPluginError(
            [f"prompt templates: {where} contains no file that ends in {_SUFFIX}"]
        )
    problems: list[str] = []
    read = [_read(file, problems) for file in files]
    if problems:
        raise InvalidPluginError(sorted(problems))
    return sorted(found for found in read if found is not None)


def _folder(given: TemplateFolder | os.PathLike[str] | str) -> TemplateFolder:
    if not isinstance(given, str | os.PathLike):
        return given
    from pathlib import Path  # noqa: PLC0415 - agents without templates start without it

    path = Path(given)
    if not path.is_absolute():
        problem = (
            "prompt templates: the folder must be an absolute path, such as "
            f'Path(__file__).resolve().parent / "templates", got "{os.fspath(given)}": '
            "a relative one depends on the directory in which the agent is started"
        )
        raise InvalidPluginError([problem])
    return path


def _is_template(file: TemplateFolder) -> bool:
    # Names that begin with a dot are those of editors and file systems.
    hidden = file.name.startswith(".")
    return file.name.endswith(_SUFFIX) and not hidden and not file.is_dir()


def _read(file: TemplateFolder, problems: list[str]) -> TemplateFile | None:
    text = _text(file, problems)
    if text is None:
        return None
    comment = re.match(_LEADING_COMMENT, text)
    content = text if comment is None else text[comment.end() :]
    if not content.strip():
        problems.append(f"{file} is empty: write the text of the template into it")
        return None
    description = "" if comment is None else " ".join(comment["text"].split())
    return TemplateFile(file.name.removesuffix(_SUFFIX), content, description)


def _text(file: TemplateFolder, problems: list[str]) -> str | None:
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.append(f"{file} cannot be read: {error.strerror or type(error).__name__}")
        return None
    if data.startswith(_BYTE_ORDER_MARK):
        problems.append(f"{file} begins with a byte order mark: save it as UTF-8 without one")
        return None
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(f"{file} is not UTF-8: see line {line}")
        return None
