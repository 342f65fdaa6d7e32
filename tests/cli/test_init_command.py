"""`mirastack-agent init`: names, folders, and what is left after an error."""

import json
import tomllib
from pathlib import Path

import pytest

from mirastack_sdk._cli.project.project_name import ProjectName
from tests.cli import processes
from tests.cli.processes import Done, run_here

RESERVED = {
    "class": "class is a keyword of Python",
    "match": "match is a keyword of Python",
    "test": "test is a module of Python",
    "json": "json is a module of Python",
    "test-client": "tools for Python use test_client for something else",
    "fake-backend": "the project has a module fake_backend already",
    "tests": "tools for Python use tests for something else",
    "pytest": "a package of the name pytest is installed",
    "mirastack-sdk": "a package of the name mirastack_sdk is installed",
    "google": "a package of the name google is installed",
    "python-dateutil": "python-dateutil is installed already",
    "mirastack_agents_sdk_python": "mirastack-agents-sdk-python is installed already",
}
SIMILAR = {
    "MyAgent": "my-agent",
    "My Agent": "my-agent",
    "my--agent": "my-agent",
    "my.agent": "my-agent",
    "1st-agent": "st-agent",
    "-agent": "agent",
    "agent_": "agent",
    "agént": "ag-nt",
    "../agent": "agent",
    "": "my-agent",
    "エージェント": "my-agent",
}


def init(*arguments: str, capture: pytest.CaptureFixture[str]) -> Done:
    """Run the command in this process, with arguments that cannot be taken for options."""
    return run_here("init", *arguments[1:], "--", arguments[0], capture=capture)


def files_below(folder: Path) -> list[str]:
    """The paths of all files and folders."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_it_writes_a_project_and_says_how_to_start_it(folder: Path) -> None:
    """As a process, with the commands to type next."""
    done = processes.run("init", "my-agent", folder=folder)
    assert done.errors == ""
    assert done.output.splitlines() == [
        "wrote 16 files to my-agent; next:",
        "",
        "  cd my-agent",
        "  mirastack-agent dev src/my_agent/agent.py",
    ]
    assert {"src/my_agent/agent.py", "Dockerfile", ".github/workflows/ci.yml"} <= set(
        files_below(folder / "my-agent")
    )


@pytest.mark.parametrize("name", ["my-agent", "my_agent"])
def test_both_spellings_are_the_same_agent(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The distribution has hyphens, the package underscores; the folder is named as typed."""
    assert init(name, capture=capsys).status == 0
    project = tomllib.loads((folder / name / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "my-agent"
    assert project["project"]["scripts"] == {"my-agent": "my_agent.__main__:main"}


@pytest.mark.parametrize("name", RESERVED)
def test_a_name_that_is_taken_is_refused(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence that says what has the name, and nothing is written."""
    done = init(name, capture=capsys)
    expected = f"mirastack-agent: {name} cannot be the name of an agent: {RESERVED[name]}\n"
    assert (done.status, done.errors) == (2, expected)
    assert files_below(folder) == []


@pytest.mark.parametrize("name", SIMILAR)
def test_a_name_of_other_characters_is_refused(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest name that can be used, and nothing is written."""
    done = init(name, capture=capsys)
    assert done.status == 2
    assert done.errors.startswith(f"mirastack-agent: {name!r} cannot be the name of an agent")
    assert done.errors.endswith(f", such as {SIMILAR[name]}\n")
    assert files_below(folder) == []


def test_a_long_name_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence has the limit."""
    done = init("a" * 41, capture=capsys)
    assert done.status == 2
    assert "the name of an agent at most 40" in done.errors


def test_a_neighbour_does_not_take_the_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lies in the current folder is not installed, even if Python would find it there."""
    (folder / "my_agent.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    assert init("my-agent", "--dir", "other", capture=capsys).status == 0


def test_an_installed_package_takes_the_name(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that Python finds elsewhere would be imported in place of the agent."""
    installed = tmp_path_factory.mktemp("site")
    (installed / "my_agent.py").touch()
    monkeypatch.syspath_prepend(str(installed))
    with pytest.raises(Exception, match="a package of the name my_agent is installed"):
        ProjectName.parse("my-agent")


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "a\x1b[31m"])
def test_a_description_is_one_line_of_text(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else would break the files that contain it."""
    done = init("my-agent", "--description", text, capture=capsys)
    assert (done.status, done.errors) == (
        2,
        "mirastack-agent: --description must be one line of text that is not blank\n",
    )
    assert files_below(folder) == []


@pytest.mark.parametrize(
    "description", ['Says "hello"', "It's \\ and $agent", '"both" don\'t', "grüßt 東京", "${x}"]
)
def test_a_description_may_contain_anything(
    description: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quotes, backslashes and dollars arrive in the package and in the agent as typed."""
    assert init("my-agent", "--description", description, capture=capsys).status == 0
    project = tomllib.loads((folder / "my-agent/pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["description"] == description
    done = run_here("inspect", "my-agent/src/my_agent/agent.py", "--json", capture=capsys)
    assert json.loads(done.output)["description"] == description


def test_an_existing_file_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not empty is refused, and nothing in it changes."""
    (folder / "my-agent").mkdir()
    (folder / "my-agent/README.md").write_text("mine", encoding="utf-8")
    done = init("my-agent", capture=capsys)
    sentence = "my-agent exists already, and is not empty: choose another folder with --dir"
    assert (done.status, done.errors) == (2, f"mirastack-agent: {sentence}\n")
    assert files_below(folder) == ["my-agent", "my-agent/README.md"]
    assert (folder / "my-agent/README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("kind", ["file", "broken link"])
def test_a_place_that_is_no_folder_is_refused(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file, or a link that leads nowhere, is kept."""
    if kind == "file":
        (folder / "my-agent").touch()
    else:
        (folder / "my-agent").symlink_to("nowhere")
    done = init("my-agent", capture=capsys)
    assert (done.status, done.errors) == (
        2,
        "mirastack-agent: my-agent exists already, and is not a folder\n",
    )
    assert files_below(folder) == ["my-agent"]


def test_the_current_folder_can_be_the_project(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is used as it is, and no `cd` is printed."""
    done = init("my-agent", "--dir", ".", capture=capsys)
    assert done.status == 0
    assert "cd " not in done.output
    assert (folder / "pyproject.toml").is_file()


def test_folders_above_the_project_are_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As deep as --dir says."""
    assert init("my-agent", "--dir", "agents/all of them/one", capture=capsys).status == 0
    assert (folder / "agents/all of them/one/pyproject.toml").is_file()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_left_after_an_error(
    error: BaseException,
    is_there: bool,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Files, and folders that were made, are removed; an empty folder stays."""
    place = folder / "agents/my-agent"
    if is_there:
        place.mkdir(parents=True)
    before, opened = files_below(folder), Path.open

    def failing(path: Path, *arguments: str, **options: str) -> object:
        if path.name == "test_client.py":
            raise error
        return opened(path, *arguments, **options)  # type: ignore[call-overload]  # passed on

    monkeypatch.setattr(Path, "open", failing)
    arguments = ("init", "my-agent", "--dir", str(place))
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            run_here(*arguments, capture=capsys)
    else:
        done = run_here(*arguments, capture=capsys)
        assert done.status == 1
        assert done.errors == (
            f"mirastack-agent: {place} cannot be written: No space left on device\n"
        )
    assert files_below(folder) == before


def test_a_file_in_the_way_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one sentence that names it, with the system's reason."""
    (folder / "agents").touch()
    done = init("my-agent", "--dir", "agents/my-agent", capture=capsys)
    assert (done.status, done.errors) == (
        1,
        "mirastack-agent: agents cannot be written: File exists\n",
    )
    assert files_below(folder) == ["agents"]


def test_what_others_write_meanwhile_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither overwritten, if it is a file of the project, nor removed after the error."""
    opened = Path.open

    def racing(path: Path, *arguments: str, **options: str) -> object:
        if path.name == "pyproject.toml":
            with opened(path, "w", encoding="utf-8") as file:
                file.write("theirs")
        return opened(path, *arguments, **options)  # type: ignore[call-overload]  # passed on

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", racing)
        done = init("my-agent", capture=capsys)
    sentence = "my-agent/pyproject.toml cannot be written: File exists"
    assert (done.status, done.errors) == (1, f"mirastack-agent: {sentence}\n")
    assert files_below(folder) == ["my-agent", "my-agent/pyproject.toml"]
    assert (folder / "my-agent/pyproject.toml").read_text(encoding="utf-8") == "theirs"


@pytest.mark.parametrize(("name", "shown"), [("a\x1b[31mb", "a\\x1b[31mb"), ("a[bold]", "a[bold]")])
def test_a_folder_of_any_name_is_printed(
    name: str, shown: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Escape sequences in it are written out."""
    done = init("my-agent", "--dir", name, capture=capsys)
    assert done.output.startswith(f"wrote 16 files to {shown}; next:\n")
    assert (folder / name / "pyproject.toml").is_file()
