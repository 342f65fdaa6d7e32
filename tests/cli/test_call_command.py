"""`mirastack-agent call`: what is printed, and with which status it ends."""

import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from mirastack_sdk._cli.exit_status import ExitStatus
from tests.cli import programs
from tests.cli.processes import Done, run, run_here, run_in_terminal, start

type CallAction = Callable[..., Done]


@pytest.fixture
def agents(folder: Path) -> Path:
    """The current folder, with an agent."""
    (folder / "kinds.py").write_text(programs.MANY_KINDS, encoding="utf-8")
    return folder


@pytest.fixture
def call(agents: Path, capsys: pytest.CaptureFixture[str]) -> CallAction:
    """Calls an action of the agent, in this process and without a terminal."""
    return partial(run_here, "call", "kinds.py", capture=capsys)


def without_times(text: str) -> str:
    """What was printed, with each duration replaced and no blanks at the ends of lines."""
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(re.sub(r"[0-9.]+ (ms|s)\b", "TIME", line) for line in lines)


def test_a_program_gets_the_result_and_nothing_else(agents: Path) -> None:
    """Standard output is the result as JSON; all that happens meanwhile is on standard error."""
    done = run("call", "kinds.py", "rows", "count=2", folder=agents)
    assert json.loads(done.output) == [
        {"host": "host-0", "load": 0.0},
        {"host": "host-1", "load": 1.5},
    ]
    assert done.status == 0
    assert without_times(done.errors).splitlines() == [
        "kinds.py rows",
        "TIME  log  INFO many_kinds: reading 2 rows rows=2",
        "the agent prints",
        "TIME  cache_set  many_kinds:rows  ok  TIME",
        "TIME  cache_get  many_kinds:rows  hit  TIME",
        'TIME  event  many_kinds.read {"rows": "2"}',
        "done in TIME, 3 callbacks",
    ]


def test_a_long_line_is_whole_in_a_file(agents: Path) -> None:
    """What is not a terminal gets each record on one line, without blanks at its end."""
    key = "unknown_" * 6
    done = run("call", "kinds.py", "rows", "--config", f"{key}=1", folder=agents)
    lines = done.errors.splitlines()
    assert any("WARNING" in line and line.endswith(f'"{key}"') for line in lines), done.errors
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_terminal_shows_a_table(agents: Path) -> None:
    """A list of like objects is a table, and the terminal's colors are used."""
    done = run_in_terminal("call", "kinds.py", "rows", folder=agents)
    assert done.status == 0
    assert "\x1b[" in done.output
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.output)
    assert without_times(plain).splitlines()[-6:] == [
        "host     load",
        "─────────────",
        "host-0    0.0",
        "host-1    1.5",
        "host-2    3.0",
        "done in TIME, 3 callbacks",
    ]


@pytest.mark.parametrize("arguments", [["--no-color", "call"], ["call", "--no-color"]])
def test_no_color_leaves_no_escape_codes(agents: Path, arguments: list[str]) -> None:
    """Before the command's name and after it."""
    done = run_in_terminal(*arguments, "kinds.py", "rows", folder=agents)
    assert done.status == 0
    assert "\x1b" not in done.output


def test_partial_results_are_shown_as_they_arrive(call: CallAction) -> None:
    """Each has its line, and the document of `--json` lists them."""
    done = call("stream")
    assert 'partial  {"host": "host-0", "load": 0' in done.errors
    assert "2 partial results" in done.errors
    document = json.loads(call("stream", "--json").output)
    assert [item["host"] for item in document["partial_results"]] == ["host-0", "host-1"]


def test_progress_is_shown_and_is_no_partial_result(call: CallAction) -> None:
    """With its percentage, and with its parts in the document."""
    done = call("progresses")
    assert "progress  40% window 2 of 5" in done.errors
    document = json.loads(call("progresses", "--json").output)
    assert document["progress"] == [{"fraction": 0.4, "message": "window 2 of 5"}]
    assert document["partial_results"] == []


def test_the_document_has_everything(agents: Path) -> None:
    """`--json` prints one document, whose members docs/cli.md lists."""
    options = ["--json", "--last", "30m", "--encoding", "proto"]
    done = run("call", "kinds.py", "rows", "count:=1", *options, folder=agents)
    document = json.loads(done.output)
    assert set(document) == {
        "status", "exit_status", "agent", "action", "params", "time_range", "encoding",
        "execution_id", "result", "error", "logs", "duration_ms", "approvals", "callbacks",
        "partial_results", "progress", "events", "log", "violations",
    }  # fmt: skip
    assert document["status"] == "success"
    assert document["agent"].keys() == {"name", "version", "address"}
    assert document["params"] == {"count": 1}
    assert document["time_range"]["original_expression"] == "last 30 minutes"
    length = document["time_range"]["end_epoch_ms"] - document["time_range"]["start_epoch_ms"]
    assert length == 30 * 60_000
    assert document["encoding"] == "protobuf"
    assert document["result"] == [{"host": "host-0", "load": 0.0}]
    assert document["error"] is None
    assert [callback["method"] for callback in document["callbacks"]] == [
        "cache_set",
        "cache_get",
        "log_event",
    ]
    assert document["callbacks"][0]["request"]["ttl_seconds"] == 3
    assert document["events"][0]["event"] == "many_kinds.read"
    assert document["log"][0] == {
        "level": "INFO", "logger": "many_kinds", "text": "reading 1 rows", "fields": {"rows": 1},
        "traceback": "",
    }  # fmt: skip
    assert document["violations"] == []
    assert done.errors == "the agent prints\n"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["fails", "kind=raise"], ExitStatus.FAILURE, "failed: broken"),
        (["fails", "kind=action"], ExitStatus.FAILURE, "failed: the backend is away"),
        (["fails"], ExitStatus.WRONG_PARAMETERS, "kind is required: expected string"),
        (["fails", "kind=x", "limit=10"], ExitStatus.WRONG_PARAMETERS, "limit: expected"),
        (["nope"], ExitStatus.WRONG_PARAMETERS, "wrong parameters: unknown action: nope"),
        (["sleeps", "--timeout", "0.3"], ExitStatus.NO_RESPONSE, "no response: Execute: "),
        (["changes", "host=a"], ExitStatus.NOT_APPROVED, "not approved: changes was not approved"),
    ],
)
def test_the_status_says_why_there_is_no_result(
    call: CallAction, arguments: list[str], status: ExitStatus, sentence: str
) -> None:
    """0 is for a result only; without one, standard output stays empty."""
    done = call(*arguments)
    assert (done.status, done.output) == (status, "")
    assert sentence in done.errors


def test_a_config_that_the_agent_refuses_ends_the_call(
    agents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The action is not run with another config than the one that was given."""
    source = programs.TYPED.replace("Agent(", "Agent(config=Config, ")
    config = (
        "from dataclasses import dataclass\n"
        "from typing import Annotated\n"
        "@dataclass\n"
        "class Config:\n"
        '    limit: Annotated[int, "At most this many rows."] = 1\n'
    )
    (agents / "limited_agent.py").write_text(config + source, encoding="utf-8")
    call = ("call", "limited_agent.py", "add", "a=1", "--config", "limit=many")
    done = run_here(*call, capture=capsys)
    assert done.status == ExitStatus.USAGE
    assert "mirastack-agent: typed_agent refuses the config: limit: expected integer" in done.errors
    assert done.output == ""


def test_an_error_of_the_author_shows_the_authors_frames(agents: Path) -> None:
    """The traceback begins in the author's file, and has no frame of the SDK."""
    done = run("call", "kinds.py", "fails", "kind=raise", folder=agents)
    frames = re.findall(r'File "([^"]+)"', done.errors)
    assert [Path(frame).name for frame in frames] == ["kinds.py"]


def test_an_error_of_the_sdk_has_no_traceback(agents: Path) -> None:
    """What is wrong with a result is one sentence; frames of the SDK would not help."""
    source = programs.TYPED.replace("-> int:", "-> float:").replace("a + b", 'float("inf")')
    (agents / "infinite_agent.py").write_text(source, encoding="utf-8")
    done = run("call", "infinite_agent.py", "add", "a=1", folder=agents)
    assert "ResultError: the result is infinite, which JSON does not allow" in done.errors
    assert 'File "' not in done.errors


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["nowhere.py", "x"], ExitStatus.USAGE, "there is no file nowhere.py"),
        (["broken.py", "x"], ExitStatus.NO_AGENT, "importing broken.py fails: OSError: no"),
        (["kinds.py"], ExitStatus.USAGE, "Missing argument 'ACTION'"),
        (["kinds.py", "rows", "count"], ExitStatus.USAGE, "'count' is not a parameter"),
        (["kinds.py", "rows", "--last", "x"], ExitStatus.USAGE, "--last must be a length of time"),
        (["127.0.0.1:1", "x"], ExitStatus.NO_RESPONSE, "Info: "),
        (["127.0.0.1:1", "x", "--config", "a=b"], ExitStatus.USAGE, "--config needs a TARGET"),
        (
            ["kinds.py", "shows", "--config", "regoin=eu"],
            ExitStatus.USAGE,
            "many_kinds has no config parameter regoin; it has region, token",
        ),
    ],
)
def test_what_keeps_a_call_from_being_made_is_one_sentence(
    agents: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: ExitStatus,
    sentence: str,
) -> None:
    """Each kind of mistake has its status, and `--json` has a document for those of the call."""
    (agents / "broken.py").write_text("raise OSError('no')\n", encoding="utf-8")
    done = run_here("call", *arguments, "--json", capture=capsys)
    last = done.errors.splitlines()[-1]
    assert last.startswith("mirastack-agent: ")
    assert sentence in last
    assert done.status == status
    if "Missing" not in sentence:
        document = json.loads(done.output)
        assert (document["exit_status"], document["status"]) == (status, status.name.lower())
        assert f"mirastack-agent: {document['error']}" == last


def test_config_and_time_range_reach_the_action(call: CallAction) -> None:
    """`--config` is the engine's config, `--from` and `--to` the time range."""
    times = ["--from", "2026-04-08T06:00", "--to", "-30m"]
    done = call("shows", "--config", "region=eu", *times)
    assert json.loads(done.output) == {
        "region": "eu",
        "range": "from 2026-04-08T06:00 to -30m",
    }


def test_secrets_are_not_shown_in_the_log(agents: Path) -> None:
    """The log on the terminal hides what the log of a deployed agent hides."""
    done = run("call", "kinds.py", "shows", "--config", "token=s3cr3t-t0ken", folder=agents)
    assert "many_kinds: the token is " in done.errors
    assert "s3cr3t-t0ken" not in done.errors + done.output


@pytest.mark.parametrize(
    ("policy", "status", "result"),
    [
        ("all", ExitStatus.SUCCESS, "restarted"),
        ("none", ExitStatus.NOT_APPROVED, "not restarted: denied by --approve none"),
        (
            "ask",
            ExitStatus.NOT_APPROVED,
            "not restarted: there is no terminal to ask on: pass --approve all or --approve none",
        ),
    ],
)
def test_approvals_follow_the_option(
    call: CallAction, policy: str, status: ExitStatus, result: str
) -> None:
    """A denial has a status of its own, even if the action copes with it."""
    done = call("asks", "host=a", "--approve", policy)
    assert (done.status, json.loads(done.output)) == (status, result)
    assert "1 approval" in done.errors


@pytest.mark.parametrize(
    ("typed", "status", "shown"),
    [
        ("y\n", 0, "restarted"),
        ("no\n", 6, "not restarted: denied on the terminal"),
        ("\x04", 6, "not restarted: denied on the terminal"),
    ],
)
def test_approvals_are_asked_for_on_a_terminal(
    agents: Path, typed: str, status: int, shown: str
) -> None:
    """Only yes grants one; the end of the input does not."""
    done = run_in_terminal(
        "call", "kinds.py", "asks", "host=a", folder=agents, typed=[("[y/N]", typed)]
    )
    assert done.status == status
    assert "MODIFY: restart a" in done.output
    assert shown in done.output


@pytest.mark.parametrize("approve", ["all", "none"])
def test_a_change_is_approved_before_it_runs(call: CallAction, approve: str) -> None:
    """As engines do it, the agent is not called without approval."""
    done = call("changes", "host=a", "--json", "--approve", approve)
    document = json.loads(done.output)
    assert document["approvals"][0]["description"] == "run changes"
    assert document["result"] == ("changed a" if approve == "all" else None)
    assert bool(document["execution_id"]) == (approve == "all")


def test_ctrl_c_cancels_the_execution(agents: Path) -> None:
    """The action sees the cancellation, and the status is that of an interrupted command."""
    process = start("call", "kinds.py", "sleeps", folder=agents)
    assert process.stderr is not None
    seen = ""
    while "sleeping" not in seen:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == ExitStatus.INTERRUPTED
    assert output == ""
    assert "cancelled" in errors
    assert "Traceback" not in errors


@pytest.fixture
def running(agents: Path) -> Iterator[str]:
    """The address of an agent that runs, for the tenant acme."""
    process = start(
        "run", "kinds.py", "--addr", "127.0.0.1:0", "--tenant-id", "acme", folder=agents
    )
    assert process.stdout is not None
    try:
        name, _, port = process.stdout.readline().strip().partition("=")
        assert name == "MIRASTACK_PLUGIN_PORT"
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    assert process.returncode == 0


def test_an_agent_that_runs_is_called_at_its_address(agents: Path, running: str) -> None:
    """In the name of its tenant, and from the port alone on this machine."""
    port = running.removeprefix("127.0.0.1")
    done = run("call", port, "stream", "--tenant-id", "acme", folder=agents)
    assert done.status == 0
    assert [row["host"] for row in json.loads(done.output)] == ["host-0", "host-1"]
