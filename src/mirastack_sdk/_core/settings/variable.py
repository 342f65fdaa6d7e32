"""One environment variable: how its text is read, and what is said of text that cannot be used."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mirastack_sdk._text import shortened

__all__ = [
    "SWITCHES",
    "UnusableError",
    "Variable",
    "one_of",
    "seconds",
    "seconds_expected",
    "whole_number",
    "whole_number_expected",
]

_DAY = 86_400.0
_SHOWN_CHARACTERS = 80

SWITCHES: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


class UnusableError(ValueError):
    """A value that cannot be used; the message ends the sentence that the operator reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable[T]:
    """One environment variable: what it means, and what a blank or missing one stands for.

    `default` is how the documentation prints `fallback`. What a `secret` one holds is never shown.
    """

    name: str
    meaning: str
    default: str
    expected: str
    parse: Callable[[str], T]
    fallback: T
    secret: bool = False

    def is_set(self, environ: Mapping[str, str]) -> bool:
        """Whether it stands there and is not blank."""
        return bool(environ.get(self.name, "").strip())

    def read(self, environ: Mapping[str, str], problems: list[str]) -> T:
        """The variable's value; one that cannot be used adds a sentence to `problems`."""
        text = environ.get(self.name, "").strip()
        if not text:
            return self.fallback
        try:
            return self.parse(text)
        except UnusableError as error:
            reason = f": {error}" if str(error) else ""
            shown = "a value that is not shown" if self.secret else _without_credentials(text)
            problems.append(f"{self.name} must be {self.expected}, got {shown}{reason}")
            return self.fallback


def _without_credentials(text: str) -> str:
    """What an operator may see of a bad value: no user name, password or query."""
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme, rest = "", text
    if "@" in rest:
        rest = "***@" + rest.rpartition("@")[2]
    shown = re.sub(r"\?.*", "?***", scheme + separator + rest, flags=re.DOTALL)
    shown = shortened(shown, _SHOWN_CHARACTERS)
    return ascii(shown) if not shown.isprintable() else f'"{shown}"'


def seconds(least: float) -> Callable[[str], float]:
    """Read a number of seconds, from `least` to a day."""
    return _number(r"[0-9]{1,9}(\.[0-9]{1,9})?", float, least, _DAY)


def seconds_expected(least: float, example: str) -> str:
    """Say what `seconds` takes."""
    return f'a number of seconds from {least:g} to {_DAY:g} such as "{example}"'


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Read a whole number, from `least` to `most`."""
    return _number(r"[0-9]{1,12}", int, least, most)


def whole_number_expected(least: int, most: int) -> str:
    """Say what `whole_number` takes."""
    return f"a whole number from {least} to {most}"


def _number[Number: (int, float)](
    written: str, read: Callable[[str], Number], least: Number, most: Number
) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        if not re.fullmatch(written, text):
            raise UnusableError
        number = read(text)
        if not least <= number <= most:
            raise UnusableError
        return number

    return parse


def one_of[T](words: Mapping[str, T]) -> Callable[[str], T]:
    """Read one of some words, in upper or lower case."""

    def parse(text: str) -> T:
        try:
            return words[text.lower()]
        except KeyError:
            raise UnusableError from None

    return parse
