"""The translation of names in proto to names in Python."""

import keyword
import re

# An acronym is one word, including a plural s: ListKPIs is List, KPIs.
_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def snake_case(name: str) -> str:
    """Return a CamelCase name in snake_case."""
    return "_".join(word.lower() for word in _WORD.findall(name))


def member_name(value_name: str, enum_name: str) -> str:
    """Return the name of an enum value without the prefix that repeats the enum's name."""
    short = value_name.removeprefix(f"{snake_case(enum_name).upper()}_")
    return f"{short}_" if keyword.iskeyword(short) else short


def python_name(name: str, taken: frozenset[str]) -> str:
    """Return a name, followed by an underscore if it is a keyword or in `taken`."""
    return f"{name}_" if keyword.iskeyword(name) or name in taken else name
