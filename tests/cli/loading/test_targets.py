"""Targets: which agent a command uses, and what it says if there is none."""

import sys
from pathlib import Path

import pytest

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.loading.target_text import parse_address
from mirastack_sdk._cli.loading.targets import load_target
from mirastack_sdk.compat import PluginAdapter
from tests.cli import programs

OTHER_INSTANCE = "\nother = MyPlugin('other')\n"


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file, and the folders above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(text: str) -> CommandError:
    """The error for a target."""
    with pytest.raises(CommandError) as raised:
        load_target(text)
    return raised.value


@pytest.mark.parametrize(
    ("source", "object_name", "agent_name"),
    [
        pytest.param(programs.TYPED, "agent", "typed_agent", id="instance"),
        pytest.param(programs.PLUGIN, "MyPlugin", "my_plugin", id="class"),
        pytest.param(programs.PUBLISHED, "Published", "published_agent", id="published"),
        pytest.param(
            programs.PLUGIN + "\nmine = also = MyPlugin('mine')\n", "mine", "mine", id="two-names"
        ),
        pytest.param(
            programs.PLUGIN + "\nclass More(MyPlugin):\n    pass\n",
            "More",
            "my_plugin",
            id="most-derived",
        ),
    ],
)
def test_the_one_agent_of_a_file(
    folder: Path, source: str, object_name: str, agent_name: str
) -> None:
    """An instance counts before classes, and a class before those it derives from."""
    write(folder, "one.py", source)
    target = load_target("one.py")
    assert target.object_name == object_name
    assert target.plugin.info().name == agent_name
    assert target.file == str((folder / "one.py").resolve())


def test_an_imported_class_counts_if_the_file_has_none_of_its_own(folder: Path) -> None:
    """As in a `main.py` that only serves the agent of another module."""
    write(folder, "implementation.py", programs.PLUGIN)
    write(folder, "start.py", "from implementation import MyPlugin\n")
    assert load_target("start.py").plugin.info().name == "my_plugin"


@pytest.mark.parametrize(
    "text",
    ["several.py:other", "several.py:Holder.agent", "several:other", "several.py:create"],
)
def test_a_named_object(folder: Path, text: str) -> None:
    """An object is named after a colon, in a file or a module; a factory is called."""
    holder = "\nclass Holder:\n    agent = other\n\ndef create() -> MyPlugin:\n    return other\n"
    write(folder, "several.py", programs.PLUGIN + OTHER_INSTANCE + holder)
    assert load_target(text).plugin.info().name == "other"


def test_a_factory_may_make_a_published_agent(folder: Path) -> None:
    """What a factory returns is adapted as what a file contains."""
    write(folder, "made.py", programs.PUBLISHED + "\ndef create():\n    return Published()\n")
    assert isinstance(load_target("made.py:create").plugin, PluginAdapter)


def test_a_class_is_instantiated_for_each_load(folder: Path) -> None:
    """Two commands in one process do not share an agent's state."""
    write(folder, "one.py", programs.PLUGIN)
    assert load_target("one.py").plugin is not load_target("one.py").plugin


def test_the_files_folder_is_importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `python file.py`, from whatever folder the command is run."""
    write(folder, "agents/helper_of_mine.py", "NAME = 'helped'\n")
    program = programs.PLUGIN + "\nfrom helper_of_mine import NAME\nmine = MyPlugin(NAME)\n"
    write(folder, "agents/mine.py", program)
    monkeypatch.chdir(folder.parent)
    assert load_target(str(folder / "agents" / "mine.py")).plugin.info().name == "helped"


def test_the_current_folder_is_importable(folder: Path) -> None:
    """A module beside the one from which the command is run is found, too."""
    write(folder, "helper_beside.py", "NAME = 'beside'\n")
    program = programs.PLUGIN + "\nfrom helper_beside import NAME\nmine = MyPlugin(NAME)\n"
    write(folder, "agents/mine.py", program)
    assert load_target("agents/mine.py").plugin.info().name == "beside"


def test_a_file_of_a_package_may_import_relatively(folder: Path) -> None:
    """A file in a package is imported as a module of that package."""
    write(folder, "src/pack_of_mine/__init__.py", "")
    write(folder, "src/pack_of_mine/names.py", "NAME = 'packed'\n")
    program = programs.PLUGIN + "\nfrom .names import NAME\nmine = MyPlugin(NAME)\n"
    write(folder, "src/pack_of_mine/agent.py", program)
    assert load_target("src/pack_of_mine/agent.py").plugin.info().name == "packed"


def test_a_file_with_the_name_of_a_loaded_module(folder: Path) -> None:
    """An agent may be called `json.py` or `click.py`; the module of that name stays what it is."""
    known = sys.modules["json"]
    write(folder, "json.py", programs.PLUGIN)
    assert load_target("json.py").plugin.info().name == "my_plugin"
    assert sys.modules["json"] is known


def test_the_main_block_does_not_run(folder: Path) -> None:
    """What is below `if __name__ == "__main__":` is for `python file.py`."""
    write(
        folder,
        "main_block.py",
        programs.TYPED + "\nif __name__ == '__main__':\n    raise OSError\n",
    )
    assert load_target("main_block.py").plugin.info().name == "typed_agent"


@pytest.mark.parametrize(
    "call",
    [
        "from mirastack_sdk import serve; serve(agent)",
        "import asyncio; from mirastack_sdk import serve_async; asyncio.run(serve_async(agent))",
        "try:\n    from mirastack_sdk import serve; serve(agent)\nexcept Exception:\n    pass",
    ],
)
def test_serving_at_the_top_of_a_module_is_reported(folder: Path, call: str) -> None:
    """Loading such a file would never end, so the author is told where the call belongs."""
    write(folder, "serving.py", programs.TYPED + "\n" + call + "\n")
    error = refusal("serving.py")
    name = "serve_async()" if "async" in call else "serve()"
    assert str(error) == (
        f'importing serving.py calls {name}: put the call below `if __name__ == "__main__":`'
    )
    assert error.status == ExitStatus.NO_AGENT
    assert "serving.py" in error.details


def test_an_error_shows_only_the_authors_frames(folder: Path) -> None:
    """Those of Python's import system and of libraries say nothing about the mistake."""
    write(folder, "broken_helper.py", "import json\n\ndef read():\n    return json.loads('{')\n")
    write(folder, "broken.py", "import broken_helper\n\nVALUE = broken_helper.read()\n")
    error = refusal("broken.py")
    assert str(error).startswith("importing broken.py fails: json.decoder.JSONDecodeError: ")
    frames = [line for line in error.details.splitlines() if line.startswith("  File")]
    assert [frame.split('"')[1] for frame in frames] == [
        str(folder.resolve() / "broken.py"),
        str(folder.resolve() / "broken_helper.py"),
    ]
    assert "importlib" not in error.details


def test_a_syntax_error_shows_the_line(folder: Path) -> None:
    """The line and the place in it, as Python prints them."""
    write(folder, "typo.py", "def broken(:\n")
    error = refusal("typo.py")
    assert str(error) == "importing typo.py fails: SyntaxError: invalid syntax"
    assert "def broken(:" in error.details
    assert "typo.py" not in sys.modules


def test_a_failed_import_can_be_repeated(folder: Path) -> None:
    """After the author has mended the file, it is imported anew."""
    path = write(folder, "mended.py", "raise OSError('no')\n")
    refusal("mended.py")
    path.write_text(programs.TYPED, encoding="utf-8")
    assert load_target("mended.py").plugin.info().name == "typed_agent"


REFUSED = {
    "nowhere.py": "there is no file nowhere.py",
    "nowhere.py:agent": "there is no file nowhere.py",
    "sub/nowhere": "there is no file sub/nowhere",
    "no_such_module": "there is no module no_such_module in the current folder or installed",
    "no_such.inner:agent": "there is no module no_such.inner in the current folder or installed",
    "pack/inner": "pack/inner is a folder: name the file in it, such as pack/inner/agent.py",
    "notes.txt": "notes.txt is not a Python file: its name must end in .py",
    "several.py:": "'several.py:' must name an object after the colon, such as several.py:agent",
    "several:1x": "'several:1x' must name an object after the colon, such as several:agent",
    "a-b": "'a-b' is not a target: write file.py, file.py:object or package.module:object",
    "": "'' is not a target: write file.py, file.py:object or package.module:object",
    "localhost:9000": (
        "'localhost:9000' is an address, and this command needs the agent's code: write file.py, "
        "file.py:object or package.module:object"
    ),
    "several.py": "several.py contains 2 agents: first, other. Name one of them: several.py:first",
    "several.py:nope": "several.py has no nope; it contains first, other",
    "several.py:first.nope": "several.py has no first.nope; it contains first, other",
    "several.py:TEXT": "several.py:TEXT is a str, and not an agent",
    "several.py:Other": "several.py:Other is a class, but not one of an agent",
    "several.py:late": (
        "several.py:late is async: a factory must be a plain function that returns an agent"
    ),
    "several.py:hidden": "several.py:hidden must return an agent, and returned a coroutine",
    "several.py:needs": (
        "several.py:needs needs arguments (url, key): write a function without arguments that "
        "returns the agent, and name that"
    ),
    "several.py:cls": "several.py:cls must return an agent, and returned the class MyPlugin",
    "several.py:gives_none": "several.py:gives_none must return an agent, and returned a NoneType",
    "several.py:fails": "calling several.py:fails fails: ValueError: no url",
    "several.py:leaves": "calling several.py:leaves exits with status 3",
    "several.py:quits": "calling several.py:quits exits: no license",
    "empty.py": (
        "empty.py contains no agent: neither an instance nor a class of one. If a function makes "
        "it, name the function: empty.py:function"
    ),
    "missing_package.py": (
        "importing missing_package.py fails: ModuleNotFoundError: No module named 'no_such_package'"
    ),
}
SEVERAL = """
first = MyPlugin()
other = MyPlugin()
TEXT = "text"

class Other:
    pass

async def late() -> MyPlugin:
    return first

def hidden():
    return late()

def needs(url: str, *rest: str, key: str, more: int = 0) -> MyPlugin:
    return first

def cls():
    return MyPlugin

def gives_none():
    pass

def fails():
    raise ValueError("no url")

def leaves():
    raise SystemExit(3)

def quits():
    raise SystemExit("no license")
"""


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_agent_is_refused_in_a_sentence(folder: Path, text: str) -> None:
    """The sentence says what was found, and what to write instead."""
    write(folder, "several.py", programs.PLUGIN + SEVERAL)
    write(folder, "pack/inner/x.py", "")
    write(folder, "notes.txt", "")
    write(folder, "empty.py", "from mirastack_sdk import Agent\n")
    write(folder, "missing_package.py", "import no_such_package\n")
    assert str(refusal(text)) == REFUSED[text]


def test_a_misspelt_module_names_the_file(folder: Path) -> None:
    """A missing module with a file of that name cannot happen; a missing submodule can."""
    write(folder, "namespace_of_mine/agent.txt", "")
    assert "namespace_of_mine.agent" in str(refusal("namespace_of_mine.agent"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:9000", "localhost:9000"),
        ("10.0.0.5:9000", "10.0.0.5:9000"),
        ("[::1]:9000", "[::1]:9000"),
        (":9000", "127.0.0.1:9000"),
        ("agent.py", None),
        ("agent.py:9000", None),
        ("package.module:agent", None),
        ("agents/agent.py:agent", None),
    ],
)
def test_addresses_differ_from_targets(text: str, address: str | None) -> None:
    """What ends in a port is an address, unless it names a file."""
    parsed = parse_address(text)
    assert (None if parsed is None else str(parsed)) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://agent:9000/x", "an address has no scheme, leave http:// out, write agent:9000"),
        ("agent:70000", "the port is not a number from 0 to 65535"),
        ("1.2.3:80", "the host is not an IPv4 address"),
        ("[nope]:80", "what is in the brackets is not an IPv6 address"),
    ],
)
def test_a_wrong_address_is_refused_in_a_sentence(text: str, reason: str) -> None:
    """It is not taken for the name of a module."""
    with pytest.raises(CommandError) as raised:
        parse_address(text)
    assert str(raised.value) == f"'{text}' is not an address: {reason}"


def test_port_0_cannot_be_called() -> None:
    """It is a port to listen on only."""
    with pytest.raises(CommandError, match="port 0 is no port of an agent"):
        parse_address("localhost:0")
