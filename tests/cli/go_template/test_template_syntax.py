"""The checker of prompt templates agrees with Go's own text/template."""

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirastack_sdk._cli.go_template.template_syntax import template_error
from scripts.go_build import build_go
from tests.cli.go_template.corpus import INVALID, VALID

SOURCES = Path(__file__).parent / "go_parser"
MUTANTS = 6000
PIECES = (
    *("{{", "}}", "{{-", " -}}", "{{- ", "-}}", " ", "\n", "/*", "*/", "\x00", "²", "é", "\u0660"),
    *("if ", "else", "else if ", "end", "range ", "with ", "define ", "block ", "template "),
    *("break", "continue", "nil", "true", "print", "foo", ".", "$", "$x", ".X", '"guide"'),
    *(":=", "=", "|", ",", "(", ")", "1", "0x1F", "1.5", "1i", "1+2i", "'a'", "'", '"', "`", "\\"),
    *("\\n", "_", "e", "p", "0", "9", "x", "+", "-", "i", "{", "}", "/", "*", "{{end}}"),
    *("{{else}}", '{{define "a"}}', "{{range .}}", "{{if .}}", "{{with $x := 1}}", "$i, $x := .X"),
)
CONSTANTS = "0123456789_xXbBoOeEpP.+-ii'\"\\uUaf"
# Go parses it from 1.23 on; Debian's is older.
NEWER = re.compile(r"else\s+with")


@pytest.mark.parametrize("content", VALID)
def test_what_go_parses_has_no_error(content: str) -> None:
    """Every form of the syntax is accepted."""
    assert template_error("guide", content) is None


@pytest.mark.parametrize(("content", "expected"), INVALID.items())
def test_what_go_refuses_has_one_error(content: str, expected: str) -> None:
    """The error names the line and what is wrong there."""
    assert str(template_error("guide", content)) == expected


def test_a_template_may_chain_with() -> None:
    """`{{else with}}` is accepted, which Go parses from 1.23 on."""
    content = "{{with .X}}a{{else with .Y}}b{{else}}c{{end}}"
    assert template_error("guide", content) is None


def test_a_template_may_not_define_itself_twice() -> None:
    """A definition of the template's own name is an error only for a template of that name."""
    content = '{{define "guide"}}a{{end}}b'
    assert template_error("guide", content) is not None
    assert template_error("other", content) is None


@pytest.mark.parametrize("content", ["(" * 2000, "{{" + "(" * 2000, "{{if .X}}" * 2000])
def test_deep_nesting_is_an_error_of_the_template(content: str) -> None:
    """Thousands of levels end with an error, and not with Python's stack."""
    error = template_error("guide", content)
    assert (error is None) == (content[0] == "(")


def test_a_long_chain_is_no_nesting() -> None:
    """A thousand `{{else if}}` are no deeper than one."""
    content = "{{if .X}}a" + "{{else if .Y}}b" * 1000 + "{{end}}"
    assert template_error("guide", content) is None


def mutants(seed: int) -> Iterator[str]:
    """Templates with random faults, random constants, and random pieces of templates."""
    chosen = random.Random(seed)  # noqa: S311 - tests need no secret randomness
    texts = [*VALID, *INVALID]
    for _ in range(MUTANTS):
        content = chosen.choice(texts)
        for _ in range(chosen.choice((1, 1, 1, 2, 3))):
            start = chosen.randint(0, len(content))
            end = min(len(content), start + chosen.randint(0, 4))
            other = chosen.choice(texts)
            piece = chosen.choice((chosen.choice(PIECES), "", other[: chosen.randint(0, 12)]))
            content = content[:start] + piece + content[end:]
        yield content
        yield "{{" + "".join(chosen.choices(CONSTANTS, k=chosen.randint(1, 7))) + "}}"
        yield "".join(chosen.choices(PIECES, k=chosen.randint(1, 9)))


def test_go_has_the_same_verdict(tmp_path: Path) -> None:
    """Go's parser accepts and refuses the same templates, among them 18,000 with random faults."""
    if shutil.which("go") is None:
        pytest.skip("golang-go is not installed")
    build_go(SOURCES, tmp_path / "go_parser")
    contents = [*VALID, *INVALID, *(text for text in mutants(14) if not NEWER.search(text))]
    done = subprocess.run(
        [str(tmp_path / "go_parser")],
        input="\n".join(map(json.dumps, contents)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    differences = [
        (content, verdict, ours)
        for content, verdict in zip(contents, verdicts, strict=True)
        if bool(verdict) != ((ours := template_error("guide", content)) is not None)
    ]
    assert differences == []
    assert sum(not verdict for verdict in verdicts) > MUTANTS / 2
