"""The translation of names in proto to names in Python."""

import keyword
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

# An acronym is one word, including a plural s: ListKPIs is List, KPIs.
_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")
_CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")


def snake_case(name: str) -> str:
    """Return a CamelCase name in snake_case."""
    return "_".join(word.lower() for word in _WORD.findall(name))


def class_name(names: Iterable[str]) -> str:
    """Return the name of the class for a type, given its name and those of what encloses it.

    As in betterproto, a nested type has the names of all in one: `Outer.Inner` is `OuterInner`.
    """
    name = "".join(part if _CAMEL_CASE.fullmatch(part) else _camel_case(part) for part in names)
    return name if _CAMEL_CASE.fullmatch(name) else f"Type{name}"


def _camel_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def member_name(value_name: str, enum_name: str) -> str:
    """Return the name of an enum value without the prefix that repeats the enum's name.

    The prefix is found however it divides the enum's name into words. A name that would not be an
    identifier keeps its prefix.
    """
    wanted = enum_name.replace("_", "").upper()
    for index, character in enumerate(value_name):
        prefix = value_name[:index].replace("_", "")
        if character == "_" and prefix == wanted:
            short = value_name[index + 1 :]
            if short.isidentifier() and not short.startswith("_"):
                return f"{short}_" if keyword.iskeyword(short) else short
            break
    return value_name


def python_name(name: str, taken: AbstractSet[str]) -> str:
    """Return a name, followed by underscores while it is a keyword or in `taken`."""
    while keyword.iskeyword(name) or name in taken:
        name += "_"
    return name


def public_name(name: str, number: int) -> str:
    """Return a field's name as that of an attribute: not private, and not that of a constant."""
    name = name.lstrip("_")
    if name.isupper():
        name = name.lower()
    return name if name.isidentifier() else f"field_{name or number}"


def distinct(names: Iterable[str], taken: AbstractSet[str]) -> list[str]:
    """Return a name for each of `names`, all different; those that are free stay as they are."""
    wanted = list(names)
    used = set(taken) | {name for name in wanted if python_name(name, taken) == name}
    kept: set[str] = set()
    found = []
    for name in wanted:
        if name in kept or python_name(name, taken) != name:
            chosen = python_name(name, used | kept)
        else:
            chosen = name
        kept.add(chosen)
        found.append(chosen)
    return found
