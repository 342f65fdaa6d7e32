"""The reader of docstrings: Google, NumPy and Sphinx style, and plain text."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DocText:
    """The parts of a docstring, as plain text; parameters and attributes by name."""

    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""


_PARAMETERS = "parameters"
_ATTRIBUTES = "attributes"
_RETURNS = "returns"
_IGNORED = "ignored"
_PROSE = "prose"

_SECTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "args",
            "arguments",
            "params",
            "parameters",
            "keyword args",
            "keyword arguments",
            "other parameters",
        ),
        _PARAMETERS,
    ),
    **dict.fromkeys(("returns", "return", "yields", "yield"), _RETURNS),
    **dict.fromkeys(("raises", "raise", "warns", "see also", "references", "todo"), _IGNORED),
    "attributes": _ATTRIBUTES,
}
"""The sections that are not part of the description, by their headings."""

_GOOGLE_SECTION = re.compile(r"(?P<name>[A-Za-z][A-Za-z ]*):")
_UNDERLINE = re.compile(r"-{3,}")
_LIST_ITEM = re.compile(r"(?:[-+*•]|\d+[.)]) ")
_MARKUP = r"[`*\\\"']*"
_ITEM = r"(?:(?:[-+*•]|\d+[.)]) )?"
_NAMES = rf"(?P<names>{_MARKUP}\w+{_MARKUP}(?:, ?{_MARKUP}\w+{_MARKUP})*)"
_GOOGLE_ENTRY = re.compile(
    rf"{_ITEM}{_NAMES}"
    r"(?: ?\((?:[^()]|\([^()]*\))*\)| \[[^\]]*\])?"  # the type
    r"(?:(?: *[:=](?:\*\*)? *| +(?:--?|[\u2013\u2014]) +)(?P<text>.*))?"
)
_TYPE = re.compile(r"[\w.\[\], |]+")
_BUILTIN_TYPES = frozenset(
    {"None", "bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
)
_NUMPY_ENTRY = re.compile(rf"{_ITEM}{_NAMES}(?: ?:.*)?")
_SPHINX_FIELD = re.compile(r":(?P<field>\w+)(?: (?P<argument>[^:]*))?:(?: +(?P<text>.*))?")
_SPHINX_PARAMETERS = frozenset({"param", "parameter", "arg", "argument", "key", "keyword"})
_SPHINX_ATTRIBUTES = frozenset({"ivar", "cvar", "var"})
_SPHINX_RETURNS = frozenset({"return", "returns", "yield", "yields"})


def read_docstring(docstring: str | None) -> DocText:
    """The parts of a docstring; sections on exceptions and the like are ignored."""
    lines = _indented(inspect.cleandoc(docstring or "").splitlines())
    prose: list[str] = []
    parameters: dict[str, str] = {}
    attributes: dict[str, str] = {}
    returns = ""
    for kind, block in _blocks(lines):
        if kind in {_PARAMETERS, _ATTRIBUTES}:
            entries, rest = _entries(block)
            (parameters if kind == _PARAMETERS else attributes).update(entries)
            prose += ["", *rest, ""]
        elif kind == _RETURNS:
            returns = returns or _returned(block)
        elif kind != _IGNORED:
            prose += block
    prose, fields = _without_fields(prose)
    for name, argument, text in fields:
        if name in _SPHINX_PARAMETERS and argument:
            parameters[_without_markup(argument.split()[-1])] = text
        elif name in _SPHINX_ATTRIBUTES and argument:
            attributes[argument.split()[-1]] = text
        elif name in _SPHINX_RETURNS:
            returns = returns or text
    return DocText(
        description=_unwrapped(prose),
        parameters=parameters,
        attributes=attributes,
        returns=returns,
    )


def _indented(lines: list[str]) -> list[str]:
    """The lines, with the indentation that a section loses when it starts the docstring.

    `cleandoc` removes the indentation that all lines after the first one share.
    """
    kind, length = _section_at(lines, 0) if lines else ("", 0)
    if not kind or length != 1 or not lines[1:] or lines[1].startswith((" ", "\t")):
        return lines
    end = next((at for at in range(1, len(lines)) if _section_at(lines, at)[0]), len(lines))
    return [lines[0], *(f"    {line}" for line in lines[1:end]), *lines[end:]]


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The sections of a docstring in order, each with its kind; plain text has none."""
    kind, block, indented = "", list[str](), False
    at = 0
    while at < len(lines):
        found, length = _section_at(lines, at)
        ends = indented and lines[at].strip() and not lines[at].startswith((" ", "\t"))
        if found or ends:
            yield kind, block
            kind, block, indented = found, [], length == 1
        if found:
            at += length
        else:
            block.append(lines[at])
            at += 1
    yield kind, block


def _section_at(lines: Sequence[str], at: int) -> tuple[str, int]:
    """The kind of the section that begins at a line, and the number of lines of its heading."""
    line = lines[at].rstrip()
    below = lines[at + 1].strip() if at + 1 < len(lines) else ""
    if _UNDERLINE.fullmatch(below):
        return _SECTIONS.get(line.lower(), _PROSE if line else ""), 2
    named = _GOOGLE_SECTION.fullmatch(line)
    return (_SECTIONS.get(named["name"].lower(), ""), 1) if named else ("", 1)


def _entries(block: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The entries of a section, and its other lines.

    NumPy's entries start at the margin, Google's are indented.
    """
    first = next((line for line in block if line.strip()), "")
    numpy = bool(first) and not first.startswith((" ", "\t"))
    margin = len(first) - len(first.lstrip())
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    current = rest
    for at, line in enumerate(block):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent <= margin:
            below = next(filter(str.strip, block[at + 1 :]), "")
            has_more = len(below) - len(below.lstrip()) > margin
            names, text = _entry(line.strip(), numpy=numpy, has_more=has_more)
            current = [text] if text else []
            found.update(dict.fromkeys(names, current))
            if not names:
                current = rest
        if line.strip() and (current is rest or indent > margin):
            current.append(line.strip())
    return {name: " ".join(texts) for name, texts in found.items()}, rest


def _entry(line: str, *, numpy: bool, has_more: bool) -> tuple[list[str], str]:
    """The names that a line describes, and the text beside them; no names if it is no entry."""
    entry = (_NUMPY_ENTRY if numpy else _GOOGLE_ENTRY).fullmatch(line)
    text = None if entry is None or numpy else entry["text"]
    if entry is None or not (numpy or text is not None or has_more):
        return [], ""
    return [_without_markup(name) for name in entry["names"].split(",")], (text or "").strip()


def _without_markup(name: str) -> str:
    return name.strip(" `*\\\"'")


def _without_fields(lines: Sequence[str]) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The text without Sphinx's fields, and the fields: name, argument and text."""
    prose: list[str] = []
    fields: list[tuple[str, str, str]] = []
    inside = False
    for line in lines:
        written = _SPHINX_FIELD.fullmatch(line.strip())
        if written and not line.startswith((" ", "\t")):
            inside = True
            fields.append((written["field"], written["argument"] or "", written["text"] or ""))
        elif inside and line.startswith((" ", "\t")) and line.strip():
            name, argument, text = fields[-1]
            fields[-1] = (name, argument, f"{text} {line.strip()}".strip())
        else:
            inside = inside and not line.strip()
            prose.append(line)
    return prose, fields


def _returned(lines: Sequence[str]) -> str:
    """The text of a section on the result; NumPy's has the type at the margin above the text."""
    texts = [line for line in lines if line.strip()]
    indented = [line for line in texts if line.startswith((" ", "\t"))]
    lines = indented or texts
    text = " ".join(line.strip() for line in lines if line.strip())
    kind, _, rest = text.partition(": ")
    return rest if rest and _is_type(kind) else text


def _is_type(text: str) -> bool:
    """Whether a text is certainly a type; any other word may be part of the sentence."""
    if not _TYPE.fullmatch(text):
        return False
    return "[" in text or all(part in _BUILTIN_TYPES for part in text.split(" | "))


def _unwrapped(lines: Sequence[str]) -> str:
    """Each paragraph as one line; list items and indented lines stay separate lines."""
    paragraphs: list[str] = []
    begins = True
    for line in lines:
        if not line.strip():
            begins = True
            continue
        own_line = bool(_LIST_ITEM.match(line.strip())) or line.startswith((" ", "\t"))
        if begins or own_line:
            paragraphs.append(line.rstrip())
        else:
            paragraphs[-1] += f" {line.strip()}"
        begins = False
    return "\n".join(paragraphs)
