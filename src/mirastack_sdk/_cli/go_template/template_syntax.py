"""The grammar of Go's text/template: the first error in a template, if it has one."""

from mirastack_sdk._cli.go_template.template_pipelines import Pipelines
from mirastack_sdk._cli.go_template.template_reader import TemplateSyntaxError, TokenReader
from mirastack_sdk._cli.go_template.template_tokens import Kind, Token
from mirastack_sdk._deferred.dataclasses import dataclass

_DOLLAR = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateError:
    """The first error in a template; lines are counted from 1."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


def template_error(name: str, content: str) -> TemplateError | None:
    """Why Go's text/template would not parse a template of that name; `None` if it would.

    Only the functions that Go has built in are known. A template that names itself in a `define`
    is an error, too.
    """
    reader = TokenReader(content)
    try:
        _Grammar(reader).template(name)
    except TemplateSyntaxError as error:
        line = content.count("\n", 0, error.position) + 1
        return TemplateError(line=line, sentence=error.sentence)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a list of texts and actions ended: at an `end`, or at an `else`."""

    by: Token
    is_blank: bool


class _Grammar:
    """The grammar of texts and actions; `Pipelines` is that of what an action evaluates."""

    def __init__(self, reader: TokenReader) -> None:
        self._reader = reader
        self._pipelines = Pipelines(reader)
        self._loops = 0
        # Of each template that is defined here: whether it is blank, which a second one may be.
        self._defined: dict[str, bool] = {}

    def template(self, name: str) -> None:
        """A whole template, with the templates that it defines."""
        is_blank = True
        start = self._reader.peek()
        while self._reader.peek().kind is not Kind.END_OF_FILE:
            if self._definition():
                continue
            ended, blank = self._node()
            if ended is not None:
                raise _error(ended, f"{{{{{ended.text}}}}} belongs to no {{{{if}}}} or the like")
            is_blank = is_blank and blank
        self._add(name, start, is_blank=is_blank)

    def _definition(self) -> bool:
        """`{{define "name"}} … {{end}}`, which is allowed only outside of other actions."""
        reader = self._reader
        before = reader.index
        left = reader.take()
        if left.kind is not Kind.LEFT or not reader.take_keyword("define"):
            reader.index = before
            return False
        name = self._pipelines.template_name("define")
        reader.expect(Kind.RIGHT, "{{define}}")
        is_blank = self._body(left, "define")
        self._add(name, left, is_blank=is_blank)
        return True

    def _body(self, opened: Token, keyword: str) -> bool:
        """The content of a template of its own, which sees no variables of others."""
        loops, variables = self._loops, self._pipelines.variables
        self._loops, self._pipelines.variables = 0, [_DOLLAR]
        ended = self._list(opened, keyword)
        if ended.by.text == "else":
            raise _error(ended.by, f"{{{{else}}}} is not allowed in {{{{{keyword}}}}}")
        self._loops, self._pipelines.variables = loops, variables
        return ended.is_blank

    def _add(self, name: str, at: Token, *, is_blank: bool) -> None:
        if self._defined.get(name, True):
            self._defined[name] = is_blank
        elif not is_blank:
            raise _error(at, f'the template "{name}" is defined twice')

    def _list(self, opened: Token, keyword: str) -> _Ended:
        """Texts and actions up to an `end` or `else`."""
        is_blank = True
        while self._reader.peek_word().kind is not Kind.END_OF_FILE:
            ended, blank = self._node()
            if ended is not None:
                return _Ended(by=ended, is_blank=is_blank)
            is_blank = is_blank and blank
        raise _error(opened, f"{{{{{keyword}}}}} has no {{{{end}}}}")

    def _node(self) -> tuple[Token | None, bool]:
        """One text or action: the `end` or `else` that it is, and whether it is blank text."""
        token = self._reader.take_word()
        if token.kind is Kind.TEXT:
            return None, not token.text.strip()
        if token.kind is not Kind.LEFT:
            raise _error(token, f"expected text or an action, found {self._reader.shown(token)}")
        with self._reader.nesting(token):
            return self._action(token), False

    def _action(self, left: Token) -> Token | None:
        token = self._reader.peek_word()
        if token.kind is not Kind.KEYWORD:
            self._pipelines.pipeline("an action", Kind.RIGHT)
            return None
        self._reader.take()
        match token.text:
            case "end":
                self._reader.expect(Kind.RIGHT, "{{end}}")
                return token
            case "else":
                # In a chain, such as `{{else if …}}`, the keyword is left to the chain.
                if not self._reader.at_keyword("if") and not self._reader.at_keyword("with"):
                    self._reader.expect(Kind.RIGHT, "{{else}}")
                return token
            case "if" | "with" | "range":
                self._control(left, token.text)
            case "break" | "continue":
                self._leave_loop(token)
            case "template":
                self._call()
            case "block":
                self._block(left)
            case _:
                raise _error(token, "{{define}} is only allowed outside of other actions")
        return None

    def _control(self, left: Token, keyword: str) -> None:
        """`if`, `with` or `range`, with its branches; variables live until its end."""
        variables = len(self._pipelines.variables)
        self._pipelines.pipeline(f"{{{{{keyword}}}}}", Kind.RIGHT)
        self._loops += keyword == "range"
        ended = self._list(left, keyword)
        self._loops -= keyword == "range"
        while ended.by.text == "else":
            is_chain = self._chained(keyword)
            ended = self._list(left, keyword)
            if ended.by.text == "else" and not is_chain:
                sentence = f"expected {{{{end}}}}: {{{{{keyword}}}}} has an {{{{else}}}} already"
                raise _error(ended.by, sentence)
        del self._pipelines.variables[variables:]

    def _chained(self, keyword: str) -> bool:
        """Pass what follows the `else` of `{{else if …}}` or `{{else with …}}`, if it is one."""
        following = self._reader.peek()
        if following.kind is not Kind.KEYWORD:
            return False
        chain = f"{{{{else {following.text}}}}}"
        if following.text != keyword:
            raise _error(following, f"{chain} is only allowed in {{{{{following.text}}}}}")
        self._reader.take()
        self._pipelines.pipeline(chain, Kind.RIGHT)
        return True

    def _leave_loop(self, token: Token) -> None:
        written = f"{{{{{token.text}}}}}"
        self._reader.expect(Kind.RIGHT, written)
        if not self._loops:
            raise _error(token, f"{written} is only allowed in {{{{range}}}}")

    def _call(self) -> None:
        """`{{template "name"}}`, perhaps with a value for its dot."""
        self._pipelines.template_name("template")
        if self._reader.peek_word().kind is Kind.RIGHT:
            self._reader.take()
        else:
            self._pipelines.pipeline("{{template}}", Kind.RIGHT)

    def _block(self, left: Token) -> None:
        name = self._pipelines.template_name("block")
        self._pipelines.pipeline("{{block}}", Kind.RIGHT)
        is_blank = self._body(left, "block")
        self._add(name, left, is_blank=is_blank)


def _error(token: Token, sentence: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(token.position, sentence)
