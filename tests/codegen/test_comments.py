"""Comments in the proto become docstrings with the same text."""

import ast
import inspect
from pathlib import Path

import pytest

from codegen.generate import generate
from codegen.lines import docstring
from tests.codegen.generated import everything, generate_text

NASTY = (
    "plain",
    'ends with a quote"',
    '"starts with one',
    'three """ in the middle',
    '""""""',
    "a backslash \\ and \\n, \\\\ and \\x",
    "ends with a backslash \\",
    "two\nlines",
    "a\n\n  paragraph, indented\n\nand \\ another",
    '"',
    "{{ jinja }} {% raw %} {not a field} %s",
    "Zürich 😀 \u2028 and \x85",
)


@pytest.mark.parametrize("text", NASTY)
def test_a_docstring_reads_back_as_its_text(text: str) -> None:
    """Any comment is the value of its docstring."""
    code = f"class A:\n    {docstring(text, 4)}\n"
    (definition,) = ast.parse(code).body
    assert isinstance(definition, ast.ClassDef)
    assert ast.get_docstring(definition) == inspect.cleandoc(text)


@pytest.mark.parametrize("text", [text for text in NASTY if text.isascii()])
def test_a_comment_survives_generation(text: str, tmp_path: Path) -> None:
    """The formatter does not change the comment of an enum, a message, a service or a method."""
    comment = "\n".join(f"// {line}" for line in text.splitlines())
    generated = generate_text(
        'syntax = "proto3";\n'
        f"{comment}\nenum Colour {{\n{comment}\nNO = 0;\n}}\n"
        f"{comment}\nmessage A {{\n{comment}\noptional A a = 1;\n}}\n"
        f"{comment}\nservice S {{\n{comment}\nrpc Get(A) returns (A);\n}}\n",
        tmp_path,
    )
    documented = (
        generated.messages.Colour,
        generated.messages.A,
        generated.services.SBase,
        generated.services.SStub,
        generated.services.SBase.get,
        generated.services.SStub.get,
    )
    expected = inspect.cleandoc(text).strip()
    assert [inspect.getdoc(item) for item in documented] == [expected] * len(documented)


def test_a_field_and_a_member_are_documented(tmp_path: Path) -> None:
    """Their docstrings follow them; a comment on the same line is used as well."""
    (tmp_path / "test.proto").write_text(
        'syntax = "proto3";\n'
        "enum Colour {\n  NO = 0; // Behind it.\n}\n"
        "message A {\n  /* Before it,\n   * in two lines. */\n  string a = 1;\n}\n",
        encoding="utf-8",
    )
    text = generate(tmp_path, Path("test.proto"))["messages.py"]
    assert 'NO = 0\n    """Behind it."""' in text
    assert '= betterproto.string_field(1)\n    """Before it,\n    in two lines.\n    """' in text


def test_what_has_no_comment_has_a_docstring() -> None:
    """A class or method without a comment has a docstring that says what it is."""
    assert (
        inspect.getdoc(everything().services.EverythingServiceStub.list_urls) == "Calls ListURLs."
    )
    assert inspect.getdoc(everything().services.EverythingServiceBase.list_urls) == (
        "Serves ListURLs."
    )
