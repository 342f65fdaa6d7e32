"""The prompts of an MCP server: templates that only need values filled in."""

import pytest

from mirastack_sdk._cli.mcp_server.offered_prompts import offered_prompts
from mirastack_sdk.plugin import PromptTemplate

VALUES = {"a": "{{.b}}", "b": "2", "größe": "3"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        ("plain } text {", "plain } text {"),
        ("{{.a}}{{ .b }}{{\n.b\t}}", "{{.b}}22"),
        ("x {{- .b -}} \n y", "x2y"),
        ("x {{-.b}} y", None),
        ("x {{/* a }} comment */}} y", "x  y"),
        ("x {{- /* a comment */ -}} y", "xy"),
        ("{{.größe}}", "3"),
        ("{{.a.b}}", None),
        ("{{.}}", None),
        ("{{if .a}}b{{end}}", None),
        ("{{.a | printf}}", None),
        ('{{"}}"}}', None),
        ("{{}}", None),
    ],
)
def test_templates_are_filled_in_as_go_does(content: str, text: str | None) -> None:
    """A template that takes more than values is not offered."""
    prompts = offered_prompts([PromptTemplate("it", content)])
    assert (None if "it" not in prompts else prompts["it"].filled(VALUES)) == text


def test_arguments_are_named_once_in_order() -> None:
    """Each field is an argument, however often it is used."""
    prompt = offered_prompts([PromptTemplate("it", "{{.b}}{{.a}}{{.b}}")])["it"].prompt
    assert [found.name for found in prompt.arguments or []] == ["b", "a"]


def test_a_missing_value_is_named() -> None:
    """Nothing is filled in by halves."""
    with pytest.raises(KeyError, match="c"):
        offered_prompts([PromptTemplate("it", "{{.a}}{{.c}}")])["it"].filled(VALUES)
