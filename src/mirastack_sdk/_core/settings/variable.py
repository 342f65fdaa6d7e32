"""The definition of an environment variable: its meaning, its parser and its error message."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._text import shortened

_DAY = 86_400.0
_LEAST_INTERVAL = 0.001
_UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SHOWN_CHARACTERS = 80

# Agents have variables with this prefix, too, and so does what Kubernetes sets for each Service
# (MIRASTACK_ENGINE_PORT): a misspelled name must be closer to the SDK's than these are.
_PREFIX = "MIRASTACK_"
_CLOSE = 0.9

SWITCHES: Mapping[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


class InvalidValueError(ValueError):
    """A value that is not valid; the message ends the sentence that the operator reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable[T]:
    """One environment variable.

    `meaning`, `default` and `expected` are texts for the documentation and error messages.
    `fallback` is the value if the variable is missing or blank. Error messages do not contain the
    value of a `secret` variable.
    """

    name: str
    meaning: str
    default: str
    expected: str
    parse: Callable[[str], T]
    fallback: T
    secret: bool = False

    def is_set(self, environ: Mapping[str, str]) -> bool:
        """Whether the variable is set and not blank."""
        return bool(environ.get(self.name, "").strip())

    def read(self, environ: Mapping[str, str], errors: list[str]) -> T:
        """Return the variable's value; add a sentence to `errors` if it is not valid."""
        text = environ.get(self.name, "").strip()
        if not text:
            return self.fallback
        try:
            return self.parse(text)
        except InvalidValueError as error:
            reason = f": {error}" if str(error) else ""
            got = "a value that is not shown" if self.secret else _without_credentials(text)
            errors.append(f"{self.name} must be {self.expected}, got {got}{reason}")
            return self.fallback


def _without_credentials(text: str) -> str:
    """An invalid value as operators may see it: without user name, password and query."""
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme, rest = "", text
    if "@" in rest:
        rest = "***@" + rest.rpartition("@")[2]
    public = re.sub(r"\?.*", "?***", scheme + separator + rest, flags=re.DOTALL)
    public = shortened(public, _SHOWN_CHARACTERS)
    return f'"{public}"' if public.isprintable() else ascii(public)


def file_of(secret: Variable[str | None], holds: str) -> Variable[str | None]:
    """The variable that names a file which holds the value of `secret`, as `holds` says."""
    return Variable(
        name=file_name(secret.name),
        meaning=f"a file that contains {holds}; read again when it changes",
        default="none",
        expected="a path to a file",
        parse=str,
        fallback=None,
    )


def file_name(name: str) -> str:
    """The variable that names a file with the value of the variable `name`."""
    return f"{name}_FILE"


def sources(name: str, *, secret: bool) -> str:
    """The variables to name to operators who look for where to set the value of `name`."""
    return f"{name} or {file_name(name)}" if name and secret else name


def set_twice(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    """The error if both `name` and the variable that names its file are set in `environ`."""
    file = file_name(name)
    if environ.get(name, "").strip() and environ.get(file, "").strip():
        yield f"{name} and {file} exclude each other: set one"


def number(least: float, most: float) -> Callable[[str], float]:
    """A parser for a number from `least` to `most`."""
    return _number(r"[0-9]{1,9}(\.[0-9]{1,9})?|\.[0-9]{1,9}", float, least, most)


def milliseconds(text: str) -> float:
    """Read milliseconds, or a number with a unit of `ms`, `s`, `m` or `h`; gives seconds."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)|([0-9]{1,9})", text)
    if found is None:
        raise InvalidValueError
    written, unit, bare = found.groups()
    read = float(bare or written) * _UNITS[unit or "ms"]
    if not _LEAST_INTERVAL <= read <= _DAY:
        raise InvalidValueError
    return read


def seconds(least: float) -> Callable[[str], float]:
    """A parser for a number of seconds, from `least` to one day."""
    return _number(r"[0-9]{1,9}(\.[0-9]{1,9})?", float, least, _DAY)


def seconds_expected(least: float, example: str) -> str:
    """What `seconds` accepts, as `Variable.expected` states it."""
    return f'a number of seconds from {least:g} to {_DAY:g} such as "{example}"'


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser for a whole number from `least` to `most`."""
    return _number(r"[0-9]{1,12}", int, least, most)


def whole_number_expected(least: int, most: int) -> str:
    """What `whole_number` accepts, as `Variable.expected` states it."""
    return f"a whole number from {least} to {most}"


def _number[Number: (int, float)](
    written: str, read: Callable[[str], Number], least: Number, most: Number
) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        if not re.fullmatch(written, text):
            raise InvalidValueError
        number = read(text)
        if not least <= number <= most:
            raise InvalidValueError
        return number

    return parse


def one_of[T](words: Mapping[str, T]) -> Callable[[str], T]:
    """A parser for one of several words, in any case."""

    def parse(text: str) -> T:
        try:
            return words[text.lower()]
        except KeyError:
            raise InvalidValueError from None

    return parse


def unknown_variables(
    environ: Mapping[str, str], variables: Iterable[Variable[object]]
) -> Iterator[str]:
    """Yield one sentence for each name in `environ` that is probably meant to be one of these."""
    known = {variable.name for variable in variables}
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known:
            yield from _notice(name, known)


def _notice(name: str, known: set[str]) -> Iterator[str]:
    import difflib  # noqa: PLC0415 - only for a variable that is not known

    if plain := next((plain for plain in known if file_name(plain) == name), ""):
        yield f"{name} has no effect, because only secrets are read from files: set {plain}"
        return
    for near in difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE):
        yield f"{name} is not a variable of the SDK: did you mean {near}?"
