"""The files of a new project: the template with the project's names filled in.

A file of the template is a `string.Template` whose name ends in `.template`. The lines between
`#? modify` and `#? end` are only for agents that change something, those after `#? read` only for
others.
"""

import json
import string
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from mirastack_sdk._cli.project.project_name import ProjectName

_SUFFIX = ".template"
_PACKAGE = "__package__"
_BEGIN, _END = "#? ", "#? end"


def project_files(name: ProjectName, *, description: str, permission: str) -> Mapping[str, str]:
    """Return the text of each file of a project by its path.

    `permission` is `read` or `modify`, and `description` one line of text.
    """
    values = {
        "agent": name.package,
        "distribution": name.distribution,
        "package": name.package,
        "variable": name.variable,
        "description": description,
        "description_in_python": _python_text(description),
        "description_in_toml": json.dumps(description, ensure_ascii=False),
        "sdk_version": _compatible_version(version("mirastack-agents-sdk-python")),
    }
    return {
        path.replace(_PACKAGE, name.package).removesuffix(_SUFFIX): string.Template(
            "".join(_lines_for(permission, text.splitlines(keepends=True)))
        ).substitute(values)
        for path, text in _template_files(files(__package__) / "template", ())
    }


def _template_files(folder: Traversable, above: Sequence[str]) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        place = (*above, entry.name)
        if entry.is_dir():
            yield from _template_files(entry, place)
        elif entry.name.endswith(_SUFFIX):
            yield "/".join(place), entry.read_text(encoding="utf-8")


def _lines_for(permission: str, lines: Sequence[str]) -> Iterator[str]:
    wanted = permission
    for line in lines:
        if line.startswith(_END):
            wanted = permission
        elif line.startswith(_BEGIN):
            wanted = line.removeprefix(_BEGIN).strip()
        elif wanted == permission:
            yield line


def _python_text(text: str) -> str:
    """A text as ruff formats it: in the quotes that need fewer backslashes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"


def _compatible_version(sdk: str) -> str:
    """What `~=` compares with: below 1.0, minor releases may be incompatible."""
    major, minor = sdk.split(".")[:2]
    return f"{major}.{minor}" if int(major) else f"{major}.{minor}.0"
