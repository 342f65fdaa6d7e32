"""Advice about prompt templates, as the platform's guide for authors wants them."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent
from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.go_template.template_syntax import template_error
from mirastack_sdk._core.model.declarations import PromptTemplate

_MOST_BYTES = 2048
_IDENTITY = re.compile(
    r"""\b (?: you (?: \ are | ['\u2019]re ) \s+ (?: an? | the | our | acting | now ) \b
           | act \s+ as \b | pretend \b | play \s+ the \s+ role \b
           | your \s+ (?:role|persona|name) \b
           | as \s+ an? \s+ (?: \w+ \s+ ){0,2} (?:ai|assistant|expert|engineer|sre) \b )""",
    re.VERBOSE | re.IGNORECASE,
)


def template_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about the syntax, the size, the source, the text and the name of each template."""
    fixed, called = _fixed_texts(agent), _fixed_calls(agent)
    names = Counter(template.name for template in agent.info.prompt_templates)
    for name, count in names.items():
        if count > 1:
            yield finding("MA406", f"template {name}", f"{count} templates have this name")
    for template in agent.info.prompt_templates:
        place = f"template {template.name}"
        error = template_error(template.name, template.content)
        if error is not None:
            yield finding("MA401", place, str(error))
        size = len(template.content.encode())
        if size > _MOST_BYTES:
            yield finding("MA402", place, f"it has {size} bytes, at most {_MOST_BYTES} are advised")
        where = fixed.get(_blank_less(template.content)) or called.get(template.name)
        if where is not None:
            yield finding("MA403", place, f"its text is in the source, in {where}")
        if (identity := _IDENTITY.search(template.content)) is not None:
            said = " ".join(identity.group().split())
            yield finding("MA404", place, f'"{said}" tells the model who it is')
        if not _is_named_after(agent, template):
            yield finding("MA405", place, "its name contains neither the agent's nor an action's")


def _is_named_after(agent: AdvisedAgent, template: PromptTemplate) -> bool:
    names = [agent.info.name, *(action.name for action in agent.schema.actions)]
    return any(_plain(name) in _plain(template.name) for name in names)


def _plain(name: str) -> str:
    """A name in lower case with underscores, without the platform's prefix of plugin names."""
    plain = re.sub(r"[\W_]+", "_", name).lower()
    return plain.removeprefix("mirastack_plugin_") or plain


def _fixed_texts(agent: AdvisedAgent) -> dict[str, str]:
    """The texts in the author's source, and where they are; blanks do not count."""
    return {
        _blank_less(str(text.value)): module.place(text)
        for module in agent.sources
        for text in [*module.texts(), *_joined(module.tree)]
    }


def _fixed_calls(agent: AdvisedAgent) -> dict[str, str]:
    """The templates that are made of f-strings, and where they are."""
    return {
        name: module.place(call)
        for module in agent.sources
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and (name := _fixed_call(call)) is not None
    }


def _fixed_call(call: ast.Call) -> str | None:
    """The name of the template if a call makes one of an f-string."""
    match call.func:
        case ast.Name(id="PromptTemplate") | ast.Attribute(attr="PromptTemplate"):
            given = dict(zip(("name", "content"), call.args, strict=False))
            given |= {word.arg: word.value for word in call.keywords if word.arg}
            return _text(given.get("name")) if _is_formatted(given.get("content")) else None
        case _:
            return None


def _is_formatted(node: ast.expr | None) -> bool:
    return isinstance(node, ast.JoinedStr)


def _joined(tree: ast.Module) -> Iterator[ast.Constant]:
    """Texts that are joined with `+`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and (text := _text(node)) is not None:
            yield ast.copy_location(ast.Constant(text), node)


def _text(node: ast.expr | None) -> str | None:
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            first, second = _text(left), _text(right)
            return None if first is None or second is None else first + second
        case _:
            return None


def _blank_less(text: str) -> str:
    """A text without blanks, which `strip` and `dedent` remove."""
    return "".join(text.split())
