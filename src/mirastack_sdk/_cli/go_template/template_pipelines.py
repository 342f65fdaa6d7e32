"""The grammar of what an action evaluates: declarations, commands, operands."""

import difflib

from mirastack_sdk._cli.go_template.template_constants import (
    complex_problem,
    is_character,
    is_string,
    number_problem,
)
from mirastack_sdk._cli.go_template.template_reader import TemplateSyntaxError, TokenReader
from mirastack_sdk._cli.go_template.template_tokens import Kind, Token

FUNCTIONS = frozenset(
    (
        *("and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not"),
        *("or", "print", "printf", "println", "slice", "urlquery"),
    )
)
"""The functions that every template has."""

_OPERANDS = frozenset(
    (
        *(Kind.BOOL, Kind.CHARACTER, Kind.COMPLEX, Kind.DOT, Kind.FIELD, Kind.IDENTIFIER),
        *(Kind.NUMBER, Kind.NIL, Kind.RAW_STRING, Kind.STRING, Kind.VARIABLE, Kind.OPEN),
    )
)
# Values without fields, and without anything that a later command of a pipeline could call.
_PLAIN = frozenset(
    (
        *(Kind.BOOL, Kind.DOT, Kind.NIL, Kind.NUMBER, Kind.COMPLEX),
        *(Kind.CHARACTER, Kind.STRING, Kind.RAW_STRING),
    )
)
_RANGE_VARIABLES = 2


class Pipelines:
    """Reads pipelines; `variables` are those that are declared at the moment."""

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader
        self.variables = ["$"]

    def template_name(self, keyword: str) -> str:
        """The name in `{{define "name"}}` and the like."""
        token = self._reader.take_word()
        if token.kind not in (Kind.STRING, Kind.RAW_STRING):
            raise _error(token, f'{{{{{keyword}}}}} needs a name in quotes, found "{token.text}"')
        self._require_valid(token)
        return token.text[1:-1]

    def pipeline(self, where: str, end: Kind) -> None:
        """A whole pipeline up to its end, `}}` or `)`, which is passed."""
        start = self._reader.peek_word()
        self._declarations(where)
        commands = 0
        while (token := self._reader.peek_word()).kind is not end:
            if token.kind not in _OPERANDS:
                raise _error(token, f"unexpected {self._reader.shown(token)} in {where}")
            first = self._command()
            if commands and first.kind in _PLAIN:
                shown = self._reader.shown(first)
                raise _error(first, f'expected a function or a method after "|", found {shown}')
            commands += 1
        if not commands:
            raise _error(start, f"{where} needs a value")
        self._reader.take()

    def _declarations(self, where: str) -> None:
        """`$x :=`, `$x =`, and in a range also `$i, $x :=`."""
        declared = 0
        while self._reader.peek_word().kind is Kind.VARIABLE:
            before = self._reader.index
            variable = self._reader.take()
            after = self._reader.peek_word()
            if after.kind not in (Kind.DECLARE, Kind.ASSIGN, Kind.COMMA):
                self._reader.index = before
                return
            self._reader.take()
            self.variables.append(variable.text)
            declared += 1
            if after.kind is not Kind.COMMA:
                return
            self._require_range(after, where, declared)

    def _require_range(self, comma: Token, where: str, declared: int) -> None:
        """A comma is allowed after the first variable of a range, before another one."""
        if where != "{{range}}" or declared >= _RANGE_VARIABLES:
            raise _error(comma, f"too many variables are declared in {where}")
        following = self._reader.peek_word()
        if following.kind not in (Kind.VARIABLE, Kind.RIGHT, Kind.CLOSE):
            raise _error(following, 'expected a variable after ","')

    def _command(self) -> Token:
        """Operands up to `|`, or to the end of the pipeline; returns the first one."""
        first = self._reader.peek_word()
        while True:
            self._operand()
            token = self._reader.peek()
            if token.kind is Kind.SPACE:
                token = self._reader.peek_word()
                if token.kind in _OPERANDS:
                    continue
            if token.kind is Kind.PIPE:
                self._reader.take()
            elif token.kind not in (Kind.RIGHT, Kind.CLOSE):
                shown = self._reader.shown(token)
                raise _error(token, f'expected a blank, "|" or the end, found {shown}')
            return first

    def _operand(self) -> None:
        """A value, and the fields or methods that are taken of it."""
        token = self._reader.take()
        self._require_valid(token)
        if token.kind is Kind.OPEN:
            with self._reader.nesting(token):
                self.pipeline("an expression in parentheses", Kind.CLOSE)
        while self._reader.peek().kind is Kind.FIELD:
            field = self._reader.take()
            if token.kind in _PLAIN:
                raise _error(field, f"{self._reader.shown(token)} has no field {field.text}")

    def _require_valid(self, token: Token) -> None:
        problem: str | None = None
        match token.kind:
            case Kind.IDENTIFIER if token.text not in FUNCTIONS:
                problem = _unknown_function(token.text)
            case Kind.VARIABLE if token.text not in self.variables:
                problem = f"the variable {token.text} is not declared"
            case Kind.NUMBER:
                problem = number_problem(token.text)
            case Kind.COMPLEX:
                problem = complex_problem(token.text)
            case Kind.CHARACTER if not is_character(token.text):
                problem = f"{token.text} is not one character"
            case Kind.STRING if not is_string(token.text):
                problem = f"{token.text} has an escape sequence that Go does not know"
            case _:
                pass
        if problem is not None:
            raise _error(token, problem)


def _error(token: Token, sentence: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(token.position, sentence)


def _unknown_function(name: str) -> str:
    near = difflib.get_close_matches(name, sorted(FUNCTIONS), n=1, cutoff=0.75)
    if near:
        return f'"{name}" is no function of Go\'s templates; did you mean {near[0]}?'
    return (
        f'"{name}" is no function of Go\'s templates; a value that is passed in begins with a dot: '
        f".{name}"
    )
