"""The command `mirastack-agent` as a process, with and without what the extra installs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import COMMAND, MAIN, environment, run_here
from tests.cli.processes import run as run_process

BLOCKED = "import sys; sys.modules[{module!r}] = None; sys.argv[1:] = {arguments!r}\n"


def run(*arguments: str, without: str = "unknown") -> subprocess.CompletedProcess[str]:
    """Run the command where the module `without` cannot be imported."""
    code = BLOCKED.format(module=without, arguments=list(arguments)) + MAIN
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_version_names_the_distribution() -> None:
    """`version` prints the SDK's version and Python's."""
    done = run("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mirastack-agents-sdk-python 0.")


def test_without_the_extra_it_says_what_to_install() -> None:
    """The base package has the command, which names the extra that it needs."""
    done = run("version", without="click")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mirastack-agent: this command needs click, which is not installed: "
        "pip install 'mirastack-agents-sdk-python[dev]'\n"
    )


def test_a_command_needs_only_its_own_packages() -> None:
    """Commands are imported one by one, so what another needs may be missing."""
    assert run("version", without="starlette").returncode == 0


def test_help_needs_no_package_of_a_single_command() -> None:
    """The list of commands works without MCP, which only one of them needs."""
    done = run("--help", without="mcp")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Offer the agent's actions as tools to MCP clients." in done.stdout
    done = run("mcp", "agent.py", without="mcp")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mirastack-agent: this command needs mcp, which is not installed: "
        "pip install 'mirastack-agents-sdk-python[mcp]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "No such command 'nope' (see `mirastack-agent --help`)"),
        (
            ["inspct", "agent.py"],
            "No such command 'inspct'; did you mean inspect? (see `mirastack-agent --help`)",
        ),
        (
            ["call", "agent.py", "add", "--timeout", "nan"],
            (
                "Invalid value for '--timeout': 'nan' is no length of time "
                "(see `mirastack-agent call --help`)"
            ),
        ),
        (
            ["mcp", "agent.py", "--timeout", "inf"],
            (
                "Invalid value for '--timeout': inf is not in the range 0<x<=86400.0 "
                "(see `mirastack-agent mcp --help`)"
            ),
        ),
        (["version", "--x"], "No such option '--x' (see `mirastack-agent version --help`)"),
    ],
)
def test_a_mistake_in_the_command_line_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage ends with status 2 and a line that says where help is."""
    done = run_here(*arguments, capture=capsys)
    assert (done.status, done.output) == (2, "")
    assert done.errors == f"mirastack-agent: {sentence}\n"


def test_without_arguments_it_prints_help() -> None:
    """The list of commands, with an example."""
    done = run()
    assert done.returncode == 2
    assert "Example: mirastack-agent" in done.stdout + done.stderr


AGENT = """
from mirastack_sdk import Agent, Permission

agent = Agent(
    name="unicode_agent", version="1.0.0", description="Größe 😀",
    permission=Permission.READ, devops_stages=["observe"],
)


@agent.action
async def show() -> dict[str, str]:
    \"\"\"Show a text. Use this when a test needs one.\"\"\"
    return {"größe": "😀"}
"""


def test_any_text_can_be_printed(tmp_path: Path) -> None:
    """JSON stays JSON, and other text has escapes for what the encoding has not."""
    (tmp_path / "unicode_agent.py").write_text(AGENT, encoding="utf-8")
    called = run_process(
        "call", "unicode_agent.py", "show", folder=tmp_path, PYTHONIOENCODING="ascii"
    )
    assert (called.status, json.loads(called.output)) == (0, {"größe": "😀"})
    shown = run_process("inspect", "unicode_agent.py", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert shown.status == 0
    assert r"Gr\xf6\xdfe \U0001f600" in shown.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_output_that_cannot_be_written_is_a_sentence(tmp_path: Path, option: list[str]) -> None:
    """A full disk is not the author's mistake, and has no traceback."""
    (tmp_path / "unicode_agent.py").write_text(AGENT, encoding="utf-8")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "inspect", "unicode_agent.py", *option],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "mirastack-agent: the output cannot be written: No space left on device\n"
    )


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """As with `mirastack-agent inspect agent.py | head -1`."""
    (tmp_path / "unicode_agent.py").write_text(AGENT, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "inspect", "unicode_agent.py"],
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_nothing_that_is_quoted_moves_the_cursor(tmp_path: Path) -> None:
    """What is typed, and what the author's code raises, may have terminal sequences and lines."""
    (tmp_path / "broken.py").write_text(
        "raise ValueError('\\x1b[2J\\x9b\\ntwo\\n' + 'x' * 50_000)\n"
    )
    raised = run_process("inspect", "broken.py", folder=tmp_path)
    typed = run_process("inspect", "\x1b[2J\n.py", folder=tmp_path)
    assert not set(raised.errors + typed.errors) & {"\x1b", "\x9b"}
    assert typed.errors == "mirastack-agent: there is no file \\x1b[2J .py\n"
    *details, sentence = raised.errors.splitlines()
    assert sentence.startswith("mirastack-agent: importing broken.py fails: ")
    assert len(sentence) < 1100
    assert len("".join(details)) < 21_000


def test_json_has_no_character_that_moves_the_cursor(tmp_path: Path) -> None:
    """It is the same value, with JSON's escapes."""
    text = "\x1b[2J\x7f\x9b\u202e\u2028größe\n"
    (tmp_path / "unicode_agent.py").write_text(AGENT.replace('"😀"', ascii(text)), encoding="utf-8")
    called = run_process("call", "unicode_agent.py", "show", folder=tmp_path)
    assert json.loads(called.output) == {"größe": text}
    assert "größe" in called.output
    assert not set(called.output) & set("\x1b\x7f\x9b\u202e\u2028")


STARTS = {
    "thread": "threading.Thread(target=threading.Event().wait).start()\n",
    "daemon": "threading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "pool": "ThreadPoolExecutor().submit(threading.Event().wait)\n",
    "pool-of-a-daemon": (
        "def start():\n"
        "    ThreadPoolExecutor().submit(threading.Event().wait)\n"
        "daemon = threading.Thread(target=start, daemon=True)\n"
        "daemon.start()\n"
        "daemon.join()\n"
    ),
}


@pytest.mark.parametrize("kind", STARTS)
def test_threads_that_the_authors_code_leaves_do_not_keep_the_process(
    tmp_path: Path, kind: str
) -> None:
    """Otherwise, a poller that a module starts would keep a command from its end."""
    imports = "import threading\nfrom concurrent.futures import ThreadPoolExecutor\n"
    program = imports + STARTS[kind] + AGENT
    (tmp_path / "unicode_agent.py").write_text(program, encoding="utf-8")
    called = run_process("call", "unicode_agent.py", "show", folder=tmp_path)
    assert (called.status, json.loads(called.output)) == (0, {"größe": "😀"})


CLOSED = """
import os, subprocess, sys
for descriptor in map(int, sys.argv[1].split()):
    os.close(descriptor)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
OPENS = "import os\nfor number in range(3):\n    os.fstat(number)\nfile = open(os.devnull)\n"


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1", "0 2", "0 1 2"])
def test_standard_streams_may_be_closed(tmp_path: Path, closed: str) -> None:
    """Services start programs like that; no file of the agent takes the place of a stream."""
    (tmp_path / "unicode_agent.py").write_text(OPENS + AGENT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, closed, *COMMAND[1:], "call", "unicode_agent.py", "show"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "1" in closed or json.loads(done.stdout) == {"größe": "😀"}
    assert "2" in closed or "done in " in done.stderr


STUBBORN = """

import asyncio

@agent.action
async def stay() -> str:
    \"\"\"Ignore every cancellation. Use this when a test needs that.\"\"\"
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
"""


def test_code_that_ignores_its_cancellation_does_not_keep_the_process(tmp_path: Path) -> None:
    """The report is printed, and the process ends."""
    (tmp_path / "unicode_agent.py").write_text(AGENT + STUBBORN, encoding="utf-8")
    done = run_process("call", "unicode_agent.py", "stay", "--timeout", "0.5", folder=tmp_path)
    assert done.status == 5
    assert "no response: " in done.errors
