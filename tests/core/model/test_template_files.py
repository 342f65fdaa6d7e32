"""Prompt templates in files: `PromptTemplate.load`."""

import os
import runpy
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.plugin import PromptTemplate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without templates."""
    made = tmp_path / "templates"
    made.mkdir()
    return made


def only(folder: Path, text: str) -> PromptTemplate:
    """The template of a folder whose only file has this text."""
    (folder / "guide.tmpl").write_bytes(text.encode())
    (loaded,) = PromptTemplate.load(folder)
    return loaded


def problems(folder: Path | str) -> tuple[str, ...]:
    """Why a folder cannot be loaded."""
    with pytest.raises(InvalidPluginError) as caught:
        PromptTemplate.load(folder)
    return caught.value.violations


def test_each_file_is_a_template(folder: Path) -> None:
    """Templates are sorted by name, and named after their files; other files are left alone."""
    for name in ("b_guide.tmpl", "a_guide.tmpl", "c.v2.tmpl"):
        (folder / name).write_text(f"{{{{ .Query }}}} {name}\n", encoding="utf-8")
    (folder / "README.md").write_text("about", encoding="utf-8")
    (folder / ".hidden.tmpl").write_bytes(b"\xff")
    (folder / "more.tmpl").mkdir()
    assert PromptTemplate.load(folder) == [
        PromptTemplate("a_guide", "{{ .Query }} a_guide.tmpl\n"),
        PromptTemplate("b_guide", "{{ .Query }} b_guide.tmpl\n"),
        PromptTemplate("c.v2", "{{ .Query }} c.v2.tmpl\n"),
    ]


@pytest.mark.parametrize(
    ("text", "description", "content"),
    [
        ("{{/* How to query. */}}\nQuery {{ .X }}\n", "How to query.", "Query {{ .X }}\n"),
        ("{{- /* Two\n   lines */ -}}\n\nText", "Two lines", "Text"),
        ("\n{{/*a*/}}  \n\nText", "a", "\nText"),
        ("{{/* a */}}\r\nText\r\n", "a", "Text\n"),
        ("{{/**/}}\nText", "", "Text"),
        # Not alone on its line, or not a comment: part of the content.
        ("{{/* a */}} Text", "", "{{/* a */}} Text"),
        ("Text {{/* a */}}\n", "", "Text {{/* a */}}\n"),
        ("{{ /* a */ }}\nText", "", "{{ /* a */ }}\nText"),
        ("{{.X}}\n{{/* a */}}\n", "", "{{.X}}\n{{/* a */}}\n"),
        ("{{/* a */}}\n{{/* b */}}\nText", "a", "{{/* b */}}\nText"),
    ],
)
def test_a_leading_comment_is_the_description(
    folder: Path, text: str, description: str, content: str
) -> None:
    """A comment that has the first lines to itself is the description, not the content."""
    assert only(folder, text) == PromptTemplate("guide", content, description=description)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty: write the text of the template into it"),
        (b" \n\t\n", "is empty: write the text of the template into it"),
        (b"{{/* only a description */}}\n", "is empty: write the text of the template into it"),
        (b"\xef\xbb\xbfText", "begins with a byte order mark: save it as UTF-8 without one"),
        (b"Text\nand \xff", "is not UTF-8: see line 2"),
        ("Text".encode("utf-16"), "is not UTF-8: see line 1"),
    ],
)
def test_a_file_that_is_no_template_is_named(folder: Path, data: bytes, problem: str) -> None:
    """Each file that cannot be a template is one sentence."""
    (folder / "guide.tmpl").write_bytes(data)
    assert problems(folder) == (f"{folder / 'guide.tmpl'} {problem}",)


def test_all_problems_are_reported_at_once(folder: Path) -> None:
    """Two broken files are two sentences, in the order of their names."""
    (folder / "b.tmpl").write_bytes(b"")
    (folder / "a.tmpl").write_bytes(b"\xff")
    (folder / "c.tmpl").write_bytes(b"fine")
    assert [problem.split()[0] for problem in problems(folder)] == [
        str(folder / "a.tmpl"),
        str(folder / "b.tmpl"),
    ]


def test_a_link_to_nothing_is_reported(folder: Path) -> None:
    """A template that cannot be read is not left out."""
    (folder / "guide.tmpl").symlink_to(folder / "gone")
    expected = f"{folder / 'guide.tmpl'} cannot be read: No such file or directory"
    assert problems(folder) == (expected,)


def test_a_folder_without_templates_is_an_error(folder: Path) -> None:
    """An agent that has lost its templates does not start without them."""
    expected = f"prompt templates: {folder} contains no file that ends in .tmpl"
    assert problems(folder) == (expected,)


@pytest.mark.parametrize("name", ["gone", "file"])
def test_what_is_no_folder_is_named(tmp_path: Path, name: str) -> None:
    """A folder that is missing or a file is named in the error."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    expected = f"prompt templates: {tmp_path / name} is not a folder that exists"
    assert problems(tmp_path / name) == (expected,)


@pytest.mark.parametrize("given", ["templates", "./templates", ""])
def test_a_relative_folder_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """A path that depends on the working directory is an error even where it exists."""
    only(folder, "Text")
    monkeypatch.chdir(folder.parent)
    (problem,) = problems(given)
    assert "must be an absolute path" in problem
    assert 'Path(__file__).resolve().parent / "templates"' in problem


def test_the_advised_expression_works_from_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the error advises works in a script that is run by a relative name, too."""
    only(folder, "Text")
    script = folder.parent / "agent.py"
    script.write_text(
        "from pathlib import Path\n"
        "from mirastack_sdk.plugin import PromptTemplate\n"
        'LOADED = PromptTemplate.load(Path(__file__).resolve().parent / "templates")\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(folder.parent)
    assert runpy.run_path("agent.py")["LOADED"] == [PromptTemplate("guide", "Text")]


def test_a_folder_may_be_text_or_any_path(folder: Path) -> None:
    """An absolute path as text works like a Path."""
    loaded = only(folder, "Text")
    assert PromptTemplate.load(str(folder)) == [loaded]
    assert PromptTemplate.load(os.fspath(folder)) == [loaded]


def test_templates_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources of a package are loaded wherever it is installed, also from a zip file."""
    archive = tmp_path / "agents.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("zipped_agent/__init__.py", "")
        written.writestr("zipped_agent/templates/guide.tmpl", "{{/* d */}}\nText")
        written.writestr("zipped_agent/templates/notes.txt", "x")
    monkeypatch.syspath_prepend(str(archive))
    try:
        loaded = PromptTemplate.load(files("zipped_agent") / "templates")
    finally:
        sys.modules.pop("zipped_agent", None)
    assert loaded == [PromptTemplate("guide", "Text", description="d")]


def test_subclasses_load_their_own_kind(folder: Path) -> None:
    """`load` of a class that derives from `PromptTemplate` returns objects of that class."""

    class Guide(PromptTemplate):
        pass

    only(folder, "Text")
    assert [type(loaded) for loaded in Guide.load(folder)] == [Guide]
