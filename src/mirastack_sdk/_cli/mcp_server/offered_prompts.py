"""The prompts of an MCP server: the agent's templates that only have values to fill in."""

import re
from collections.abc import Iterable, Iterator, Mapping

from mcp import types

from mirastack_sdk._core.model.declarations import PromptTemplate
from mirastack_sdk._deferred.dataclasses import dataclass

# An action of Go's text/template. A minus beside a blank trims the text around the action.
_ACTION = re.compile(
    r"(?P<before>\s*\{\{-\s|\{\{)(?P<body>/\*.*?\*/|.*?)(?P<after>\s-\}\}\s*|\}\})", re.DOTALL
)
_FIELD = re.compile(r"\s*\.(?P<name>[^\W\d]\w*)\s*")
_COMMENT = re.compile(r"/\*.*\*/", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPrompt:
    """A prompt, and the parts of its template: texts, and the names of fields at odd positions."""

    prompt: types.Prompt
    parts: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """The template with values for its fields; raises `KeyError` for a missing one."""
        return "".join(
            values[part] if position % 2 else part for position, part in enumerate(self.parts)
        )


def offered_prompts(templates: Iterable[PromptTemplate]) -> dict[str, OfferedPrompt]:
    """The prompts by name.

    A template with conditions, loops, functions or nested fields is left out: only the engine has
    the data that it takes, and can run it.
    """
    parts = ((template, _parts(template.content)) for template in templates)
    return {
        template.name: OfferedPrompt(prompt=_prompt(template, found), parts=found)
        for template, found in parts
        if found is not None
    }


def _prompt(template: PromptTemplate, parts: tuple[str, ...]) -> types.Prompt:
    names = dict.fromkeys(parts[1::2])
    return types.Prompt(
        name=template.name,
        description=template.description or None,
        arguments=[types.PromptArgument(name=name, required=True) for name in names],
    )


def _parts(content: str) -> tuple[str, ...] | None:
    """Texts and names of fields in turn, or `None` if there is anything else."""
    parts = [""]
    for text, body in _pieces(content):
        parts[-1] += text
        if body is None or _COMMENT.fullmatch(body):
            continue
        field = _FIELD.fullmatch(body)
        if field is None:
            return None
        parts += [field["name"], ""]
    return tuple(parts)


def _pieces(content: str) -> Iterator[tuple[str, str | None]]:
    """Each text with the body of the action after it; the last text has none."""
    end = 0
    for action in _ACTION.finditer(content):
        yield content[end : action.start()], action["body"]
        end = action.end()
    yield content[end:], None
