"""The tokens of a template: texts, delimiters, and what is in an action."""

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mirastack_sdk._deferred.dataclasses import dataclass

LEFT_DELIMITER = "{{"
RIGHT_DELIMITER = "}}"
_SPACES = " \t\r\n"


class Kind(enum.Enum):
    """What a token is; the value says it in an error."""

    TEXT = "text"
    LEFT = '"{{"'
    RIGHT = '"}}"'
    SPACE = "a blank"
    IDENTIFIER = "a function"
    KEYWORD = "a keyword"
    FIELD = "a field"
    VARIABLE = "a variable"
    DOT = '"."'
    NIL = "nil"
    BOOL = "a boolean"
    NUMBER = "a number"
    COMPLEX = "a complex number"
    CHARACTER = "a character constant"
    STRING = "a string"
    RAW_STRING = "a raw string"
    DECLARE = '":="'
    ASSIGN = '"="'
    PIPE = '"|"'
    COMMA = '","'
    OPEN = '"("'
    CLOSE = '")"'
    ERROR = "an error"
    END_OF_FILE = "the end of the template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token: its text, and where it begins. The text of an `ERROR` is a sentence about it."""

    kind: Kind
    text: str
    position: int


class _LexicalError(Exception):
    """Text that is no token."""

    def __init__(self, position: int, sentence: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.sentence = sentence


KEYWORDS = frozenset(
    ("block", "break", "continue", "define", "else", "end", "if", "range", "template", "with")
)
_WORD_KINDS: Mapping[str, Kind] = {
    "nil": Kind.NIL,
    "true": Kind.BOOL,
    "false": Kind.BOOL,
} | dict.fromkeys(KEYWORDS, Kind.KEYWORD)
_SIMPLE: Mapping[str, Kind] = {"=": Kind.ASSIGN, "|": Kind.PIPE, ",": Kind.COMMA}
_QUOTED: Mapping[str, tuple[Kind, re.Pattern[str]]] = {
    "'": (Kind.CHARACTER, re.compile(r"'(?:\\[^\n]|[^\\'\n])*'")),
    '"': (Kind.STRING, re.compile(r'"(?:\\[^\n]|[^\\"\n])*"')),
    "`": (Kind.RAW_STRING, re.compile(r"`[^`]*`")),
}
_SPACE_RUN = re.compile(r"[ \t\r\n]+")
_RIGHT: Final = re.compile(r"[ \t\r\n]-\}\}|\}\}")
_NUMBER: Final = re.compile(
    r"""[+-]? (?: 0[xX] [0-9a-fA-F_]* (?: \. [0-9a-fA-F_]* )? (?: [pP] [+-]? [0-9_]* )?
                | 0[oO] [0-7_]* (?: \. [0-7_]* )?
                | 0[bB] [01_]* (?: \. [01_]* )?
                | [0-9_]* (?: \. [0-9_]* )? (?: [eE] [+-]? [0-9_]* )?
              ) i?""",
    re.VERBOSE,
)


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of a template; the last one is the end or the first error."""
    return _Lexer(text).tokens()


class _Lexer:
    """A position in the text of a template."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._open_parentheses: list[int] = []
        self._special: Mapping[str, Callable[[], Token]] = {
            **dict.fromkeys(_SPACES, self._space),
            **dict.fromkeys(_QUOTED, self._quoted),
            **dict.fromkeys("+-", self._number),
            ":": self._declare,
            "(": self._open,
            ")": self._close,
            "$": self._variable,
            ".": self._dot,
        }

    def tokens(self) -> Iterator[Token]:
        """All tokens from here on."""
        try:
            while (start := self._text.find(LEFT_DELIMITER, self._position)) >= 0:
                if start > self._position:
                    yield self._take(Kind.TEXT, start)
                yield from self._action()
            if self._position < len(self._text):
                yield self._take(Kind.TEXT, len(self._text))
            yield self._take(Kind.END_OF_FILE, len(self._text))
        except _LexicalError as error:
            yield Token(kind=Kind.ERROR, text=error.sentence, position=error.position)

    def _take(self, kind: Kind, end: int) -> Token:
        start, self._position = self._position, end
        return Token(kind=kind, text=self._text[start:end], position=start)

    def _action(self) -> Iterator[Token]:
        start = self._position
        after = start + len(LEFT_DELIMITER)
        if self._starts("-", after) and self._text[after + 1 : after + 2] in tuple(_SPACES):
            after += len("- ")
        if self._starts("/*", after):
            self._comment(start, after)
            return
        yield self._take(Kind.LEFT, after)
        while True:
            right = _RIGHT.match(self._text, self._position)
            if right is not None:
                self._require_closed()
                yield self._take(Kind.RIGHT, right.end())
                return
            if self._position == len(self._text):
                raise _LexicalError(start, f'"{LEFT_DELIMITER}" is not closed by "}}}}"')
            yield self._in_action()

    def _require_closed(self) -> None:
        if self._open_parentheses:
            raise _LexicalError(self._open_parentheses[-1], '"(" is not closed by ")"')

    def _comment(self, start: int, after: int) -> None:
        end = self._text.find("*/", after + len("/*"))
        if end < 0:
            raise _LexicalError(start, 'the comment is not closed by "*/"')
        right = _RIGHT.match(self._text, end + len("*/"))
        if right is None:
            raise _LexicalError(start, 'a comment must end with "*/}}" or "*/ -}}"')
        self._position = right.end()

    def _in_action(self) -> Token:
        character = self._text[self._position]
        if character in _SIMPLE:
            return self._take(_SIMPLE[character], self._position + 1)
        reader = self._special.get(character)
        if reader is None and _in_word(character) and not character.isdecimal():
            reader = self._word
        elif reader is None and "0" <= character <= "9":
            reader = self._number
        if reader is None:
            raise self._unexpected(self._position)
        return reader()

    def _dot(self) -> Token:
        """A field, a number such as `.5`, or the dot alone."""
        following = self._text[self._position + 1 : self._position + 2]
        return self._number() if "0" <= following <= "9" else self._field()

    def _space(self) -> Token:
        run = _SPACE_RUN.match(self._text, self._position)
        end = self._position + 1 if run is None else run.end()
        # The last blank before "-}}" belongs to it.
        return self._take(Kind.SPACE, end - 1 if self._starts("-}}", end) else end)

    def _quoted(self) -> Token:
        quote = self._text[self._position]
        kind, pattern = _QUOTED[quote]
        found = pattern.match(self._text, self._position)
        if found is None:
            line_only = "" if kind is Kind.RAW_STRING else " in its line"
            raise _LexicalError(self._position, f"{kind.value} is not closed by {quote}{line_only}")
        return self._take(kind, found.end())

    def _declare(self) -> Token:
        if not self._starts(":=", self._position):
            raise _LexicalError(self._position, 'expected ":=", found ":"')
        return self._take(Kind.DECLARE, self._position + len(":="))

    def _open(self) -> Token:
        self._open_parentheses.append(self._position)
        return self._take(Kind.OPEN, self._position + 1)

    def _close(self) -> Token:
        if not self._open_parentheses:
            raise _LexicalError(self._position, '")" closes no "("')
        self._open_parentheses.pop()
        return self._take(Kind.CLOSE, self._position + 1)

    def _word(self) -> Token:
        end = self._word_end(self._position)
        self._require_terminator(end)
        kind = _WORD_KINDS.get(self._text[self._position : end], Kind.IDENTIFIER)
        return self._take(kind, end)

    def _variable(self) -> Token:
        end = self._word_end(self._position + 1)
        self._require_terminator(end)
        return self._take(Kind.VARIABLE, end)

    def _field(self) -> Token:
        end = self._position + 1
        if self._at_terminator(end):
            return self._take(Kind.DOT, end)
        end = self._word_end(end)
        self._require_terminator(end)
        return self._take(Kind.FIELD, end)

    def _number(self) -> Token:
        end = self._number_end(self._position)
        if self._text[end : end + 1] not in ("+", "-"):
            return self._take(Kind.NUMBER, end)
        end = self._number_end(end)
        if self._text[end - 1] != "i":
            raise self._bad_number(end)
        return self._take(Kind.COMPLEX, end)

    def _number_end(self, start: int) -> int:
        found = _NUMBER.match(self._text, start)
        end = start if found is None else found.end()
        if end == start or (end < len(self._text) and _in_word(self._text[end])):
            raise self._bad_number(end + 1)
        return end

    def _bad_number(self, end: int) -> _LexicalError:
        found = self._text[self._position : end]
        if found[:1] in "+-" and not found[1:2].isalnum():
            return self._unexpected(self._position)
        return _LexicalError(self._position, f"{found} is not a number")

    def _word_end(self, position: int) -> int:
        while position < len(self._text) and _in_word(self._text[position]):
            position += 1
        return position

    def _at_terminator(self, position: int) -> bool:
        following = self._text[position : position + 1]
        return following in ("", *_SPACES, *".,|:)(") or self._starts(RIGHT_DELIMITER, position)

    def _require_terminator(self, position: int) -> None:
        if not self._at_terminator(position):
            raise self._unexpected(position)

    def _unexpected(self, position: int) -> _LexicalError:
        if self._starts("/*", position):
            return _LexicalError(position, 'a comment must begin right after "{{" or "{{- "')
        if self._starts("}", position):
            return _LexicalError(position, 'expected "}}", found "}"')
        return _LexicalError(position, f'unexpected "{self._text[position]}"')

    def _starts(self, prefix: str, position: int) -> bool:
        return self._text.startswith(prefix, position)


def _in_word(character: str) -> bool:
    """Whether Go counts a character as part of a name: a letter, a decimal digit or `_`."""
    return character == "_" or character.isalpha() or character.isdecimal()
