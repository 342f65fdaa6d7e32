"""The files of the inspector's page follow rules of their own, which no checker of ours knows."""

import re
from dataclasses import fields
from pathlib import Path, PurePosixPath

import pytest

from mirastack_sdk._cli import inspector
from mirastack_sdk._gen import messages

PAGE = Path(inspector.__file__).parent / "page"
FILES = {path.relative_to(PAGE).as_posix(): path for path in PAGE.rglob("*") if path.is_file()}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}
MODULES = sorted(name for name in TEXTS if name.endswith(".js"))
STYLES = sorted(name for name in TEXTS if name.endswith(".css"))
LINES = 350
# A color in light, and in dark.
COLOR = r"(?:#[0-9a-f]{3,8}|rgb\([^()]+\))"
PAIR = re.compile(rf"light-dark\({COLOR}, {COLOR}\)")
# What turns text into markup or code.
DANGEROUS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setHTML"
)
IMPORT = re.compile(
    r'^(?:import|export)\b[^"]*?from "(\.[^"]+)";|^import "(\.[^"]+)";', re.MULTILINE
)


def imports(name: str) -> set[str]:
    """The modules that a module imports."""
    folder = PurePosixPath(name).parent
    found = (one or other for one, other in IMPORT.findall(TEXTS[name]))
    return {Path(f"/{folder}/{path}").resolve().as_posix()[1:] for path in found}


def test_every_file_is_used() -> None:
    """The page links to what it needs, and its modules import all the others."""
    linked = set(re.findall(r'"/assets/([^"]+)"', TEXTS["index.html"]))
    used, new = {"index.html"}, linked
    while new:
        used |= new
        new = {name for one in new if one.endswith(".js") for name in imports(one)} - used
    # Imported by comments only: it declares types.
    assert used | {"scripts/types.js"} == set(FILES)


def test_modules_are_small_and_explained() -> None:
    """Each begins with what it is, and has at most 350 lines, as our Python has."""
    assert [name for name in MODULES if not TEXTS[name].startswith("/**")] == []
    assert [name for name in MODULES if TEXTS[name].count("\n") > LINES] == []


def test_no_text_becomes_markup() -> None:
    """Elements are made of text nodes, so nothing that an agent returns can be run."""
    assert [name for name in MODULES if DANGEROUS.search(TEXTS[name])] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    """The page works offline, and under a policy that allows its own files only."""
    named = {url for text in TEXTS.values() for url in re.findall(r"https?://[^\s\"')]+", text)}
    assert named == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<style|style=|<script>|\son\w+=", TEXTS["index.html"])


def test_every_color_is_a_variable_of_both_themes() -> None:
    """So no color is forgotten in the dark."""
    for name in STYLES:
        rules = re.sub(r"^\s*--[\w-]+:[^;]+;", "", TEXTS[name], flags=re.MULTILINE)
        assert re.findall(r"#[0-9a-f]{3,8}\b|: (?:white|black)\b", rules) == [], name
    variables = re.findall(r"^\s*(--[\w-]+): ([^;]+);", TEXTS["styles/base.css"], re.MULTILINE)
    single = {name for name, value in variables if not PAIR.search(value)}
    assert single == {"--font", "--mono", "--radius", "--row-height"}
    assert len(variables) == len(dict(variables)) > 20


@pytest.mark.parametrize(
    ("table", "message"),
    [("REQUEST_FIELDS", messages.ExecuteRequest), ("RESPONSE_FIELDS", messages.ExecuteResponse)],
)
def test_the_wire_view_knows_the_contract(table: str, message: type) -> None:
    """The names and numbers of fields are those of the generated messages."""
    (block,) = re.findall(
        rf"{table} = \{{(.*?)\}}", TEXTS["scripts/executions/wire_fields.js"], re.DOTALL
    )
    written = {int(number): name for number, name in re.findall(r'(\d+): "(\w+)"', block)}
    assert written == {
        field.metadata["betterproto"].number: field.name for field in fields(message)
    }
