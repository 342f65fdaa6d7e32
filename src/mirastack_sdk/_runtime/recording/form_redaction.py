"""The removal of secrets from the forms of messages."""

import functools
import json
from collections.abc import Mapping

from mirastack_sdk._core.redaction.known_secrets import Hide
from mirastack_sdk._core.redaction.log_redaction import hide_credentials
from mirastack_sdk._core.redaction.rules import SECRET
from mirastack_sdk._core.redaction.secret_names import is_secret_name
from mirastack_sdk._runtime.recording.json_form import DEEPEST
from mirastack_sdk._text import compact_json, refuse_constant

# Names and labels are repeated; what is longer is looked at each time.
_SHORT = 100
# Longer texts are read in pieces: the rules for logs cut them.
_PIECE = 50_000


class FormRedaction:
    """Removes what logs do not contain either, and values whose names say that they are secret.

    That is what `hide` knows, tokens, and credentials in URLs, also in keys and in strings that are
    JSON themselves. `names` are further names of secret values.
    """

    def __init__(self, hide: Hide, names: frozenset[str] = frozenset()) -> None:
        self.hide = hide
        self.hide = hide
        self._names = names

    def shown(self, form: object) -> object:
        """A form without secrets; raises `RecursionError` if it nests too deep."""
        return self._shown(form, 0)

    def members(self, form: Mapping[str, object]) -> dict[str, object]:
        """A mapping without secrets."""
        return {self._text(name): self._member(name, value, 0) for name, value in form.items()}

    def is_secret(self, name: str) -> bool:
        """Whether a value under that name is taken for a secret."""
        return name in self._names or is_secret_name(name)

    def _shown(self, value: object, depth: int) -> object:
        if depth > DEEPEST:
            raise RecursionError
        match value:
            case str():
                return self._string(value, depth)
            case dict():
                return {
                    self._text(key): self._member(key, item, depth) for key, item in value.items()
                }
            case list():
                return [self._shown(item, depth + 1) for item in value]
            case bool() | None:
                return value
            case _:
                text = compact_json(value)
                return value if self.hide(text) == text else SECRET

    def _member(self, name: str, value: object, depth: int) -> object:
        return _hidden(value) if self.is_secret(name) else self._shown(value, depth + 1)

    def _string(self, text: str, depth: int) -> object:
        if text.lstrip()[:1] in {"{", "["}:
            try:
                value: object = json.loads(text, parse_constant=refuse_constant)
            except (ValueError, RecursionError):
                return self._text(text)
            shown = self._shown(value, depth + 1)
            return text if shown == value else compact_json(shown)
        return self._text(text)

    def _text(self, text: str) -> str:
        hidden = self.hide(text)
        if len(hidden) <= _SHORT:
            return _without_credentials(hidden)
        if len(hidden) <= _PIECE:
            return hide_credentials(hidden)
        return "".join(hide_credentials(piece) for piece in _pieces(hidden))


def secret_texts(value: object) -> list[str]:
    """The texts in a value that is secret."""
    match value:
        case dict():
            return [text for item in value.values() for text in secret_texts(item)]
        case list():
            return [text for item in value for text in secret_texts(item)]
        case None | bool():
            return []
        case _:
            return [value if isinstance(value, str) else compact_json(value)]


def _hidden(value: object) -> object:
    """A secret value of the same structure."""
    match value:
        case dict():
            return {name: _hidden(item) for name, item in value.items()}
        case list():
            return [_hidden(item) for item in value]
        case None | bool() | "":
            return value
        case _:
            return SECRET


@functools.lru_cache(maxsize=4096)
def _without_credentials(text: str) -> str:
    return hide_credentials(text)


def _pieces(text: str) -> list[str]:
    """A long text in pieces that end at a blank or a line break, so that no token is divided."""
    pieces: list[str] = []
    start = 0
    while len(text) - start > _PIECE:
        end = max(text.rfind(" ", start, start + _PIECE), text.rfind("\n", start, start + _PIECE))
        end = start + _PIECE if end <= start else end
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]
