"""`mirastack-agent replay`: recorded executions, run again."""

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mirastack_sdk._cli.app import app
from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk.plugin import TimeRange
from mirastack_sdk.testing import LocalEngine
from tests.cli import processes
from tests.cli.programs import TYPED
from tests.e2e.agent_process import agent_process
from tests.examples.fake_backend import FakeBackend, running_backend
from tests.runtime.recording.recorded_agents import recordings

HISTORY = Path(__file__).parent.parent.parent / "examples" / "history_agent.py"
START = 1_775_606_400
RANGE = TimeRange(START * 1000, (START + 12 * 3600) * 1000, "UTC", "half a day")
DATA = {"resultType": "matrix", "result": [{"metric": {}, "values": [[START, "1"], [START, "2"]]}]}
PARAMS = {"query": "up", "above": "2"}


async def record(program: Path, folder: Path, backend: FakeBackend) -> Path:
    """Record one execution of the history agent, which is a process of its own."""
    async with (
        LocalEngine() as engine,
        agent_process(
            program,
            engine=engine.address,
            METRICS_BACKEND_URL=backend.url,
            METRICS_BACKEND_TOKEN="made-up-token",
            MIRASTACK_RECORD=str(folder),
        ) as process,
    ):
        client = await engine.wait_registered("history_agent")
        backend.data = DATA
        assert (await client.execute("find_spikes", PARAMS, time_range=RANGE)).success
        process.signal()
        assert await process.ended() == 0
    (file,) = recordings(folder)
    return file


async def test_last_nights_incident_becomes_a_regression_test(tmp_path: Path) -> None:
    """The history example has no differences, and after an edit the line that changed."""
    async with running_backend() as backend:
        file = await record(HISTORY, tmp_path / "recordings", backend)
        assert "made-up-token" not in file.read_text()
        replay = partial(
            processes.run, "replay", str(file), folder=tmp_path, METRICS_BACKEND_URL=backend.url
        )
        done = await asyncio.to_thread(replay, str(HISTORY))
        assert (done.status, done.output) == (0, f"{file}: no differences\n"), done.errors
        source = HISTORY.read_text(encoding="utf-8")
        edited = tmp_path / "edited_agent.py"
        edited.write_text(source.replace("highest > above", "highest >= above"))
        done = await asyncio.to_thread(replay, str(edited))
    assert done.status == 1, done.errors
    where = "calls[1].request.result.above, response.result.result[0].above and 1 more"
    assert done.output.splitlines() == [
        f"{file}: 4 differences",
        f"  calls[0].request.result.above: recorded false, now true (also at {where})",
    ]


@pytest.fixture
def recording(folder: Path) -> Path:
    """A recording of the typed agent, beside the agent's file."""
    (folder / "my_agent.py").write_text(TYPED)
    file = folder / "recordings" / "one.json"
    file.parent.mkdir()
    file.write_text(json.dumps(FORM))
    return file


FORM: dict[str, object] = {
    "recording": 1,
    "agent": {"name": "typed_agent", "version": "1.0.0"},
    "duration_ms": 1.0,
    "timeout_ms": 1000,
    "encoding": "proto",
    "metadata": {},
    "config": None,
    "request": {"action_id": "add", "params": {"a": "1", "b": "2"}},
    "calls": [],
    "outcome": "completed",
    "response": {"success": True, "result": {"result": "3"}},
    "cut": [],
    "calls_left_out": 0,
}
WRONG = {**FORM, "response": {"success": True, "result": {"result": "4"}}}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", *arguments], standalone_mode=False)


def test_without_differences_the_status_is_0(recording: Path) -> None:
    """And a line says so."""
    done = run("recordings/one.json", "my_agent.py")
    assert (done.output, done.return_value) == ("recordings/one.json: no differences\n", 0)


def test_each_difference_is_a_line(recording: Path) -> None:
    """And the status is 1."""
    recording.write_text(json.dumps(WRONG))
    done = run("recordings/one.json", "my_agent.py")
    assert done.return_value == 1
    assert done.output == (
        'recordings/one.json: 1 difference\n  response.result.result: recorded "4", now "3"\n'
    )


def test_a_folder_is_all_its_recordings(recording: Path) -> None:
    """In the order of their names, with a summary; other files do not count."""
    (recording.parent / "two.json").write_text(json.dumps(WRONG))
    (recording.parent / "notes.txt").write_text("x")
    (recording.parent / ".hidden.json").write_text("x")
    done = run("recordings", "my_agent.py")
    assert done.return_value == 1
    assert done.output.splitlines() == [
        "recordings/one.json: no differences",
        "recordings/two.json: 1 difference",
        '  response.result.result: recorded "4", now "3"',
        "1 of 2 recordings without differences",
    ]


def test_a_file_that_cannot_be_replayed_has_the_status_2(recording: Path) -> None:
    """The others are replayed all the same."""
    (recording.parent / "a.json").write_text("{}")
    done = run("recordings", "my_agent.py")
    assert done.return_value == 2
    assert done.output.splitlines() == [
        'recordings/a.json is not a recording: it has no member "recording"',
        "recordings/one.json: no differences",
        "1 of 2 recordings without differences",
    ]


def test_programs_read_json(recording: Path) -> None:
    """With the place and both values of each difference."""
    recording.write_text(json.dumps(WRONG))
    (recording.parent / "two.json").write_text("{}")
    done = run("recordings", "my_agent.py", "--json")
    assert done.return_value == 2
    assert json.loads(done.output) == {
        "recordings": [
            {
                "file": "recordings/one.json",
                "differences": [{"place": "response.result.result", "recorded": "4", "now": "3"}],
            },
            {
                "file": "recordings/two.json",
                "error": 'recordings/two.json is not a recording: it has no member "recording"',
            },
        ]
    }


def test_places_can_be_ignored(recording: Path) -> None:
    """With `--ignore`, several times."""
    recording.write_text(json.dumps(WRONG))
    done = run("recordings", "my_agent.py", "--ignore", "x", "--ignore", "response.result.*")
    assert done.return_value == 0


def test_an_update_replaces_what_differs(recording: Path) -> None:
    """Afterwards there are no differences."""
    recording.write_text(json.dumps(WRONG))
    done = run("recordings", "my_agent.py", "--update")
    assert done.return_value == 1
    assert "the recording has been replaced by this run" in done.output
    assert run("recordings", "my_agent.py").return_value == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["recordings", "my_agent.py", "--config", "x"],
            "'x' is not a config value: write key=value",
        ),
        (["empty", "my_agent.py"], "empty contains no recordings: no file in it ends in .json"),
        (["recordings", "nope.py"], "there is no file nope.py"),
    ],
)
def test_a_mistake_is_one_sentence(
    recording: Path, folder: Path, arguments: list[str], sentence: str
) -> None:
    """It says what was wrong, and the status is 2."""
    (folder / "empty").mkdir()
    done = run(*arguments)
    assert isinstance(done.exception, CommandError)
    assert (str(done.exception), done.exception.status) == (sentence, 2)


def test_an_agent_that_does_not_start_has_the_status_3(recording: Path, folder: Path) -> None:
    """As with every command."""
    (folder / "my_agent.py").write_text(TYPED.replace('version="1.0.0"', 'version=""'))
    done = run("recordings", "my_agent.py")
    assert isinstance(done.exception, CommandError)
    assert done.exception.status == 3
    assert str(done.exception).startswith("the agent cannot start: ")


def test_what_the_agent_prints_is_no_part_of_the_output(recording: Path, folder: Path) -> None:
    """Programs read the JSON alone."""
    printing = TYPED.replace("    return a + b", '    print("adding")\n    return a + b')
    (folder / "my_agent.py").write_text("print('importing')\n" + printing)
    done = run("recordings", "my_agent.py", "--json")
    assert json.loads(done.stdout) == {
        "recordings": [{"file": "recordings/one.json", "differences": []}]
    }


def test_secrets_are_hidden_in_the_log(recording: Path, folder: Path) -> None:
    """As `serve()` hides them; what the author's code logs stays readable otherwise."""
    logging = TYPED.replace("async def add(a: int,", "async def add(config: Backend, a: int,")
    logging = logging.replace(
        "    return a + b", '    logging.warning("as %s", config.token.reveal())\n    return a + b'
    )
    logging = logging.replace("agent = Agent(", f"{BACKEND}\n\nagent = Agent(\n    config=Backend,")
    (folder / "my_agent.py").write_text(logging)
    done = processes.run(
        "replay", "recordings", "my_agent.py", "--config", "token=made-up-token", folder=folder
    )
    assert done.status == 0, done.errors
    assert "as [secret]" in done.errors
    assert "made-up-token" not in done.errors


BACKEND = '''
import logging
from dataclasses import dataclass
from mirastack_sdk import Secret


@dataclass
class Backend:
    """The backend.

    Attributes:
        token: Identifies the agent.
    """

    token: Secret[str]
'''
