"""The constants of a template: which texts Go accepts as numbers, characters and strings."""

import math
import re

_ESCAPE = r"""\\(?: [abfnrtv\\] | x[0-9a-fA-F]{2} | [0-3][0-7]{2}
    | u(?![dD][89a-fA-F])[0-9a-fA-F]{4}
    | U0000(?![dD][89a-fA-F])[0-9a-fA-F]{4} | U00(?:0[1-9a-fA-F]|10)[0-9a-fA-F]{4} )"""
_CHARACTER = re.compile(rf"(?x) ' (?: {_ESCAPE} | \\' | [^\\'\n] ) '")
_STRING = re.compile(rf'(?x) " (?: {_ESCAPE} | \\" | [^\\"\n] )* "')

_INTEGER = re.compile(
    r"""(?x) [+-]? (?: (?P<hexadecimal> 0[xX] (?: _?[0-9a-fA-F] )+ )
                     | (?P<octal> 0[oO] (?: _?[0-7] )+ | 0 (?: _?[0-7] )+ )
                     | (?P<binary> 0[bB] (?: _?[01] )+ )
                     | (?P<decimal> 0 | [1-9] (?: _?[0-9] )* ) )"""
)
_BASES = {"hexadecimal": 16, "octal": 8, "binary": 2, "decimal": 10}
_PREFIX = re.compile(r"0[xXoObB]")
_DIGITS = "[0-9](?:_?[0-9])*"
_HEX_DIGITS = "[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_HEX_FRACTION = rf"(?: \. (?: {_HEX_DIGITS} )? )?"
_FLOAT = re.compile(
    rf"""(?x) [+-]? (?: (?: {_DIGITS} (?: \. (?: {_DIGITS} )? )? | \. {_DIGITS} )
                        (?: [eE][+-]? {_DIGITS} )?
                      | 0[xX] (?: _?{_HEX_DIGITS} {_HEX_FRACTION} | \. {_HEX_DIGITS} )
                        [pP][+-]? {_DIGITS} )"""
)
_COMPLEX = re.compile(r"(?P<real>.+?(?<![eEpP]))(?P<imaginary>[+-].*)i", re.DOTALL)
_LARGEST_UNSIGNED = 2**64 - 1
_SMALLEST_SIGNED = -(2**63)
_LARGEST_SIGNED = 2**63 - 1
_MOST_DIGITS = 1000


def is_character(text: str) -> bool:
    """Whether a text in single quotes is one character or one escape sequence."""
    return _CHARACTER.fullmatch(text) is not None


def is_string(text: str) -> bool:
    """Whether all escape sequences of a text in double quotes are Go's."""
    return _STRING.fullmatch(text) is not None


def number_problem(text: str) -> str | None:
    """Why Go refuses a number; `None` if it does not."""
    if text.endswith("i"):
        return None if _is_float(text[:-1]) else _no_number(text)
    integer = _integer(text)
    if integer is not None:
        return None if _fits(text, integer) else f"{text} does not fit into 64 bits"
    # What looks like an integer and is none is one that is too large, or has a leading zero.
    return None if _is_float(text) and any(c in text for c in ".eEpP") else _no_number(text)


def complex_problem(text: str) -> str | None:
    """Why Go refuses a complex number such as `1+2i`; `None` if it does not."""
    parts = _COMPLEX.fullmatch(text)
    if parts is not None and all(_is_float(parts[part]) for part in ("real", "imaginary")):
        return None
    return _no_number(text)


def _no_number(text: str) -> str:
    return f"{text} is not a number"


def _integer(text: str) -> int | None:
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    base = next(base for name, base in _BASES.items() if found[name] is not None)
    digits = _PREFIX.sub("", text.replace("_", ""), count=1)
    # Python refuses to convert thousands of digits, which do not fit anyway.
    return int(digits, base) if len(digits) <= _MOST_DIGITS else _LARGEST_UNSIGNED + 1


def _fits(text: str, value: int) -> bool:
    if text[0] in "+-":
        return _SMALLEST_SIGNED <= value <= _LARGEST_SIGNED
    return value <= _LARGEST_UNSIGNED


def _is_float(text: str) -> bool:
    if _FLOAT.fullmatch(text) is None:
        return False
    plain = text.replace("_", "")
    try:
        value = float.fromhex(plain) if "x" in plain.lower() else float(plain)
    except OverflowError:
        return False
    return math.isfinite(value)
