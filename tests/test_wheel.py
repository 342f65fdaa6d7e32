"""The built wheel, in an environment that holds nothing else of this repository."""

import json
import shutil
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

from mirastack_sdk.testing import Encoding, LocalEngine
from tests.documentation.agent_process import ended, running
from tests.documentation.documentation import COMMANDS, MINIMAL_AGENT, TEXT, program_path
from tests.typing import checkers
from tests.typing.checkers import Verdict
from tests.typing.documented_agent import AS_PRINTED
from tests.wheel_installation import REPOSITORY, Installation, install


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel and an environment, installed as documented."""
    return install(tmp_path_factory.mktemp("wheel"), *documented_test_packages())


def documented_test_packages() -> list[str]:
    """The packages that the documentation installs to run its test."""
    command = TEXT[COMMANDS[1] - 1]
    assert command.startswith("pip install ")
    return command.removeprefix("pip install ").split()


@pytest.fixture(scope="module")
def metadata(installation: Installation) -> Message:
    """The wheel's metadata."""
    with zipfile.ZipFile(installation.wheel) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(wheel.read(name).decode())


@pytest.fixture(scope="module")
def verdict(installation: Installation) -> Verdict:
    """The findings of the type checkers in authors' files that import the installed wheel."""
    return checkers.check_authors_files(installation.folder, installation.python)


def test_the_distribution_has_the_documented_name(metadata: Message) -> None:
    """`pip install` as the documentation prints it names this distribution."""
    assert TEXT[COMMANDS[0] - 1] == f"pip install {metadata['Name']}"


def test_the_metadata_says_what_is_documented(metadata: Message) -> None:
    """Python 3.12 or later, AGPL, and the version of pyproject.toml."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Requires-Python"] == ">=3.12"
    assert metadata["License-Expression"] == "AGPL-3.0-or-later"
    assert metadata["Version"] == project["version"]


def test_only_betterproto_is_capped(metadata: Message) -> None:
    """No requirement has an upper bound, except on the beta whose versions are not compatible."""
    requirements = [text.partition(";")[0] for text in metadata.get_all("Requires-Dist") or []]
    capped = [text for text in requirements if any(sign in text for sign in ("<", "==", "~="))]
    assert capped == ["betterproto==2.0.0b7"]


def test_the_wheel_holds_the_package_and_nothing_else(installation: Installation) -> None:
    """Typed marker, generated code and license are in; tests, generator and proto stay out."""
    with zipfile.ZipFile(installation.wheel) as wheel:
        names = wheel.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"mirastack_sdk", "mirastack_sdk_pytest.py"}
    assert {"mirastack_sdk/py.typed", "mirastack_sdk/_gen/messages.py"} <= set(names)
    page = {name for name in names if name.startswith("mirastack_sdk/_cli/inspector/page/")}
    assert {PurePosixPath(name).suffix for name in page} == {".html", ".js", ".css", ".svg"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_every_public_module_imports(installation: Installation) -> None:
    """The wheel's dependencies are enough, with every warning an error."""
    modules = "mirastack_sdk, mirastack_sdk.plugin, mirastack_sdk.engine, mirastack_sdk.errors"
    more = "mirastack_sdk.datetimeutils, mirastack_sdk.testing"
    typed = "mirastack_sdk.agent, mirastack_sdk.results"
    code = f"import {modules}, {more}, {typed}; print(mirastack_sdk.__file__)"
    done = installation.run("-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installation.python.parent.parent)


def test_the_documented_test_runs_as_documented(installation: Installation) -> None:
    """The documented test passes in a folder with the agent, with `pytest` and nothing else."""
    for source in (MINIMAL_AGENT, program_path("test_minimal_agent")):
        shutil.copy(source, installation.folder / source.name)
    command = TEXT[COMMANDS[2] - 1].split()
    done = installation.run("-m", *command, "test_minimal_agent.py")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


async def test_the_documented_agent_lives_with_an_engine(installation: Installation) -> None:
    """Installed from the wheel, the documented agent registers, answers and leaves."""
    async with LocalEngine() as engine, running(AS_PRINTED, engine, installation.python) as process:
        agent = await engine.wait_registered("my_agent")
        for encoding in Encoding:
            result = await agent.execute("get_status", {"service": "cart"}, encoding=encoding)
            assert json.loads(result.output["result"]) == {"service": "cart", "status": "ok"}
        status, _, errors = await ended(process)
        assert status == 0, errors
        assert engine.violations == []


@pytest.mark.parametrize("file", checkers.MISTAKES, ids=lambda file: file.stem)
def test_seeded_mistakes_are_flagged(file: Path, verdict: Verdict) -> None:
    """Against the wheel, both checkers flag exactly the seeded mistakes."""
    seeded = checkers.marked([file])
    assert verdict.mypy_of(file) == seeded
    assert verdict.pyright_of(file) == [finding.line for finding in seeded]


def test_the_documented_agent_passes_strict_checking(verdict: Verdict) -> None:
    """Against the wheel, the documented agent lacks its own annotations and nothing else."""
    assert verdict.mypy_of(AS_PRINTED) == checkers.missing_annotations()
    assert verdict.mypy_of(checkers.ANNOTATED) == []
    assert verdict.pyright_of(checkers.ANNOTATED) == []


def test_an_agent_of_the_whole_api_passes_strict_checking(verdict: Verdict) -> None:
    """Against the wheel, an agent that uses everything passes both checkers."""
    assert verdict.mypy_of(checkers.VALID) == []
    assert verdict.pyright_of(checkers.VALID) == []


def test_typed_actions_pass_strict_checking(verdict: Verdict) -> None:
    """Against the wheel, decorated functions keep their types for both checkers."""
    assert verdict.mypy_of(checkers.VALID_ACTIONS) == []
    assert verdict.pyright_of(checkers.VALID_ACTIONS) == []
