"""The secret values that this process knows, and their removal from text."""

import base64
import json
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mirastack_sdk._core.model.declarations import ConfigParam, PluginInfo
from mirastack_sdk._core.redaction.rules import SECRET
from mirastack_sdk._deferred.patterns import deferred_pattern

type Hide = Callable[[str], str]

_SHORTEST = 4
# A single line of a longer secret, such as a key in PEM, is hidden only from this length on.
_SHORTEST_LINE = 8
# How many secrets that are no longer in use are remembered: an agent runs for months, and its
# secrets are rotated.
_REMEMBERED = 256

# A string in JSON, or another value that holds no others.
_SCALAR = deferred_pattern(r'"(?:[^"\\]|\\.)*"|[^\s"{}\[\]:,]+')
# Escapes under which the forms of a secret are not found: those within JSON text that is itself a
# string, and those that Python does not write.
_DEEPER_ESCAPE = deferred_pattern(r"\\(?:[\\/]|u00[2-7]|u[0-9A-Fa-f]{0,3}[A-F])")

# A letter or digit that is escaped, which no encoder does.
_ESCAPED_WORD = deferred_pattern(r"\\u00(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])")
_WORD = deferred_pattern("[A-Za-z0-9]+")

_UNRESERVED = f"{string.ascii_letters}{string.digits}-._~".encode()


class KnownSecrets:
    """The values that `hide` removes: those of at least 4 characters that are not blank.

    All values in use are kept, and the newest 256 of the others. While none is known, `is_empty` is
    true.
    """

    def __init__(self) -> None:
        self.is_empty = True
        # The forms of each value, without those that are too short.
        self._values: dict[str, frozenset[str]] = {}
        # The values in use, by what uses them.
        self._in_use: dict[str, frozenset[str]] = {}
        self._forms: Sequence[str] = ()
        # The longest word of each form: no escaping changes it.
        self._words: frozenset[str] = frozenset()

    def learn(self, values: Iterable[str], *, user: str = "") -> None:
        """Hide these values as well from now on.

        If there is a `user`, it uses these values until it is named again with others.
        """
        given = [value for value in values if _is_long_enough(value)]
        before = self._in_use.get(user, frozenset())
        if user:
            self._in_use[user] = frozenset(given)
        if all(value in self._values for value in given) and before <= set(given):
            for value in given:
                # It may have come back after others.
                self._values[value] = self._values.pop(value)
            return
        self.is_empty = False
        for value in (*before, *given):
            # What has just been in use is as new as what is.
            self._values[value] = self._values.pop(value, frozenset()) or _forms_of(value)
        in_use = frozenset[str]().union(*self._in_use.values())
        others = [value for value in self._values if value not in in_use]
        forgotten = others[:-_REMEMBERED]
        for value in forgotten:
            del self._values[value]
        # The longest first, since a secret may begin with another one.
        forms = frozenset[str]().union(*self._values.values())
        self._forms = sorted(forms, key=len, reverse=True)
        self._words = frozenset(
            max(_WORD.findall(form), key=len, default="") for form in self._forms
        )

    def hide(self, text: str) -> str:
        """`text` with `[secret]` in place of each known value.

        Also finds values that are escaped as in Python or JSON, percent-encoded, or in base64.
        """
        found = [form for form in self._forms if form in text]
        # In a single pass, since a placeholder may itself look like a secret.
        return re.sub("|".join(map(re.escape, found)), SECRET, text) if found else text

    def hide_in_json(self, text: str) -> str:
        """JSON text with `[secret]` in place of each known value; it stays JSON.

        Also finds values in strings that are JSON text themselves. A number that contains a known
        value becomes a string. Everything else stays as it is written.
        """
        if self.is_empty:
            return text
        if self.hide(text) == text and not self._may_be_deeper(text):
            return text
        return _SCALAR.sub(lambda found: self._without_secrets(found[0]), text)

    def _may_be_deeper(self, text: str) -> bool:
        """Whether a value may be in `text` in a form that `hide` does not find."""
        if not _DEEPER_ESCAPE.search(text):
            return False
        return any(word in text for word in self._words) or bool(_ESCAPED_WORD.search(text))

    def _without_secrets(self, scalar: str) -> str:
        value = scalar.strip('"') if "\\" not in scalar else str(json.loads(scalar))
        hidden = self.hide(value)
        if hidden == value and not self._may_be_deeper(value):
            return scalar
        if _is_json(value):
            hidden = self.hide_in_json(value)
        return scalar if hidden == value else json.dumps(hidden, ensure_ascii=scalar.isascii())


def secret_values(params: Sequence[ConfigParam], config: Mapping[str, str]) -> list[str]:
    """The values in `config` of secret parameters; a declared default is not secret."""
    return [
        config[param.key]
        for param in params
        if param.secret and config.get(param.key, param.default) != param.default
    ]


def secret_notice(
    info: PluginInfo, secrets: KnownSecrets, *, user: str
) -> Callable[[Mapping[str, str]], None]:
    """A function that lets `secrets` hide the secret values of the config that `user` uses."""
    params = tuple(info.config_params)
    return lambda config: secrets.learn(secret_values(params, config), user=user)


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _is_long_enough(value: str) -> bool:
    return len(value.strip()) >= _SHORTEST


def _forms_of(value: str) -> frozenset[str]:
    return frozenset(form for form in _forms(value) if _is_long_enough(form))


def _forms(value: str) -> Iterator[str]:
    stripped = value.strip()
    lines = [line.strip() for line in stripped.splitlines()]
    parts = [line for line in lines if len(line) >= _SHORTEST_LINE] if len(lines) > 1 else []
    for text in (value, stripped, *parts):
        yield text
        yield from _escaped(text)


def _percent_encoded(data: bytes, *, also_safe: bytes = b"") -> str:
    safe = _UNRESERVED + also_safe
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in data)


def _escaped(text: str) -> Iterator[str]:
    data = text.encode(errors="surrogatepass")
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    yield repr(data)[2:-1]
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield _percent_encoded(data)
    yield _percent_encoded(data, also_safe=b"/")
    yield _percent_encoded(data).replace("%20", "+")
    yield base64.b64encode(data).decode().rstrip("=")
    yield base64.urlsafe_b64encode(data).decode().rstrip("=")
