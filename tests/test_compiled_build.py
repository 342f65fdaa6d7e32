"""Who gets the compiled build, and how to tell it from the pure one."""

import ast
import importlib.machinery
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

from mirastack_sdk._cli import installation
from mirastack_sdk._cli.installation import NAME
from scripts import compile_modules
from tests.wheel_installation import REPOSITORY

_PACKAGE = REPOSITORY / compile_modules.SOURCE / compile_modules.PACKAGE


def _build_requirements(variable: str | None) -> str:
    """What the wheel's build asks for, as an installer gets it."""
    code = "from hatchling.build import get_requires_for_build_wheel as g; print(g())"
    environ = {} if variable is None else {"MIRASTACK_COMPILE": variable}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("variable", [None, "", "0"])
def test_a_pure_build_needs_no_compiler(variable: str | None) -> None:
    """Without the variable, installers fetch nothing for the build but hatchling."""
    assert _build_requirements(variable).strip() == "[]"


def test_a_compiled_build_asks_for_mypy() -> None:
    """With the variable, mypy comes for the build, with what it follows imports into."""
    requirements = _build_requirements("1")
    assert "'mypy>=2.0'" in requirements
    assert "'pydantic>=2.14'" in requirements


def test_other_values_of_the_variable_are_refused() -> None:
    """A misspelt value must not silently give the other build."""
    expected = "MIRASTACK_COMPILE must be 1 (compiled) or 0 (pure Python), got 'yes'"
    assert expected in _build_requirements("yes")


def test_only_listed_modules_that_exist_are_compiled() -> None:
    """Each is a file of the package, and is named once, in order."""
    modules = compile_modules.MODULES
    assert list(modules) == sorted(set(modules))
    assert [m for m in modules if not (_PACKAGE / f"{m}.py").is_file()] == []


def _bases_from(compiled: set[str], tree: ast.Module) -> set[str]:
    """The names of compiled classes that classes of a module derive from."""
    imported = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in compiled
        for name in node.names
    }
    bases = [
        base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases
    ]
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in bases]
    return {base.id for base in plain if isinstance(base, ast.Name)} & imported


def test_what_derives_from_a_compiled_class_is_compiled() -> None:
    """An interpreted class cannot derive from a compiled one; super() would skip it, too."""
    compiled = {f"mirastack_sdk.{name}".replace("/", ".") for name in compile_modules.MODULES}
    listed = {_PACKAGE / f"{name}.py" for name in compile_modules.MODULES}
    found = {
        str(path): bases
        for path in _PACKAGE.rglob("*.py")
        if path not in listed
        and (bases := _bases_from(compiled, ast.parse(path.read_text("utf-8"))))
    }
    assert found == {}


_WAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def _waits_with_an_exception(tree: ast.Module) -> list[int]:
    """The lines that wait while an exception is handled."""
    blocks: list[ast.stmt] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            blocks += node.finalbody
            blocks += [statement for handler in node.handlers for statement in handler.body]
        elif isinstance(node, ast.AsyncWith):
            blocks.append(node)
    return [node.lineno for block in blocks for node in ast.walk(block) if isinstance(node, _WAITS)]


def test_compiled_coroutines_do_not_wait_while_they_handle_an_exception() -> None:
    """The exception would stay behind for the thread, and other coroutines would raise it."""
    found = {
        name: lines
        for name in compile_modules.MODULES
        if (
            lines := _waits_with_an_exception(
                ast.parse((_PACKAGE / f"{name}.py").read_text("utf-8"))
            )
        )
    }
    assert found == {}


def test_the_wheel_says_which_build_it_is() -> None:
    """A compiled wheel is for one version of Python and one platform, a pure one for all."""
    text = distribution(NAME).read_text("WHEEL")
    assert text is not None
    (tag,) = [line for line in text.splitlines() if line.startswith("Tag: ")]
    if installation.is_compiled():
        python = f"cp{sys.version_info.major}{sys.version_info.minor}"
        assert tag.startswith(f"Tag: {python}-{python}-")
        assert not tag.endswith("-any")
        assert "Root-Is-Purelib: false" in text
    else:
        assert tag == "Tag: py3-none-any"
        assert "Root-Is-Purelib: true" in text


def test_the_running_build_is_reported() -> None:
    """`python -m mirastack_sdk` names version, build, Python, platform and complete extras."""
    done = subprocess.run(
        [sys.executable, "-m", "mirastack_sdk"], capture_output=True, text=True, check=True
    )
    first, build, python, platform, extras = done.stdout.splitlines()
    assert first == f"{NAME} {version(NAME)}"
    assert build == f"build: {installation.build()}"
    assert python.startswith(f"Python: {sys.version_info.major}.{sys.version_info.minor}.")
    assert platform.startswith("platform: ")
    assert {"dev", "mcp", "otel"} <= set(extras.removeprefix("extras: ").split(", "))


def test_one_extension_module_makes_a_compiled_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be in any package; source files do not count."""
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    (tmp_path / "http2").mkdir()
    for name in ("_text.py", "http2/frames.py", f"http2/frames{suffix}"):
        (tmp_path / name).touch()
    monkeypatch.setattr(installation, "__file__", str(tmp_path / "_cli" / "installation.py"))
    assert installation.build() == "compiled with mypyc"
    (tmp_path / "http2" / f"frames{suffix}").unlink()
    assert installation.build() == "pure Python"
