"""A position in the tokens of a template, and the error that ends its reading."""

from collections.abc import Iterator
from contextlib import contextmanager

from mirastack_sdk._cli.go_template.template_tokens import Kind, Token, tokens_of

# Go has no such limit, and no template for a language model comes near it.
_DEEPEST = 50


class TemplateSyntaxError(Exception):
    """The first error in a template, and where it is."""

    def __init__(self, position: int, sentence: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.sentence = sentence


class TokenReader:
    """The tokens of a template and the index of the next one."""

    def __init__(self, content: str) -> None:
        self._tokens = list(tokens_of(content))
        self._depth = 0
        self.index = 0

    def peek(self) -> Token:
        """The next token, which stays the next one."""
        token = self._tokens[self.index]
        if token.kind is Kind.ERROR:
            raise TemplateSyntaxError(token.position, token.text)
        return token

    def take(self) -> Token:
        """The next token; the end of the template is never passed."""
        token = self.peek()
        if token.kind is not Kind.END_OF_FILE:
            self.index += 1
        return token

    def peek_word(self) -> Token:
        """The next token that is no blank; blanks before it are passed."""
        while self.peek().kind is Kind.SPACE:
            self.index += 1
        return self.peek()

    def take_word(self) -> Token:
        """The next token that is no blank."""
        self.peek_word()
        return self.take()

    def at_keyword(self, keyword: str) -> bool:
        """Whether the next token that is no blank is this keyword."""
        token = self.peek_word()
        return token.kind is Kind.KEYWORD and token.text == keyword

    def take_keyword(self, keyword: str) -> bool:
        """Pass a keyword if it is the next token that is no blank, and say whether it was."""
        found = self.at_keyword(keyword)
        self.index += found
        return found

    def expect(self, kind: Kind, where: str) -> Token:
        """The next token that is no blank, which must be of this kind."""
        token = self.take_word()
        if token.kind is not kind:
            raise TemplateSyntaxError(
                token.position, f"expected {kind.value} in {where}, found {self.shown(token)}"
            )
        return token

    def shown(self, token: Token) -> str:
        """A token, as an error says it."""
        if token.kind is Kind.END_OF_FILE or token.text.startswith('"'):
            return token.text or token.kind.value
        return f'"{token.text}"'

    @contextmanager
    def nesting(self, token: Token) -> Iterator[None]:
        """Count what is in an action or in parentheses as one level deeper."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TemplateSyntaxError(
                token.position, f"actions and parentheses are nested over {_DEEPEST} levels deep"
            )
        yield
        self._depth -= 1
