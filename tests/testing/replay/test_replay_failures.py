"""Files that cannot be replayed, and agents that cannot run them."""

import json
from pathlib import Path

import pytest

from mirastack_sdk import Agent, Permission
from mirastack_sdk.errors import InvalidPluginError
from mirastack_sdk.testing import (
    ReplayError,
    replay,
)
from tests.runtime.recording.recorded_agents import (
    Untyped,
    once,
    typed,
)
from tests.testing.replay.replayed import recorded


async def test_a_cut_request_cannot_be_replayed(tmp_path: Path) -> None:
    """The sentence says what is missing."""
    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run", {"q": "x" * 1_000_000}))
    with pytest.raises(ReplayError) as error:
        await replay(file, Untyped(lambda _: 1))
    assert error.value.reason == "incomplete_recording"
    assert str(error.value) == (
        f"{file} cannot be replayed: it is too large to be recorded as a whole, and without "
        "request.params"
    )


async def test_another_agent_is_refused(tmp_path: Path) -> None:
    """It would differ in everything."""
    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    with pytest.raises(ReplayError) as error:
        await replay(file, typed())
    assert error.value.reason == "other_agent"
    assert str(error.value) == f"{file} was recorded by the agent untyped, not by typed"


async def test_an_agent_that_cannot_start_says_why(tmp_path: Path) -> None:
    """As `serve_async` does."""
    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    agent = Agent(
        name="",
        version="1.0.0",
        description="x",
        permission=Permission.READ,
        devops_stages=["observe"],
    )
    with pytest.raises(InvalidPluginError):
        await replay(file, agent)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", 'it has no member "recording"'),
        ('{"recording": 2}', "its format is 2, and this version of the SDK reads 1"),
        ('{"recording": 1}', "'config' is missing"),
    ],
)
async def test_another_file_is_no_recording(tmp_path: Path, content: str, why: str) -> None:
    """The sentence names the file and what is wrong with it."""
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(ReplayError) as error:
        await replay(file, typed())
    assert str(error.value) == f"{file} is not a recording: {why}"


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("calls", {}, "calls must be an array"),
        ("calls", [1], "calls[0] must be an object"),
        ("calls", [{"method": "Nope"}], "calls[0].method must be CacheGet or "),
        ("calls", [{"method": "CacheGet", "request": {}, "response": {"x": 1}}],
            "calls[0].response: CacheGetResponse has no field 'x'"),
        ("calls", [{"method": "CacheGet", "request": {}, "error": {}}], "'status' is missing"),
        ("request", {"params": 1, "action_id": 1}, "action_id"),
        ("request", {"execution_mode": "FAST"}, "execution_mode: 'FAST' is none of UNSPECIFIED"),
        ("duration_ms", "1", "duration_ms must be a number"),
        ("outcome", "x", "outcome must be completed or cancelled"),
        ("encoding", "xml", "xml"),
        ("metadata", {"a": 1}, "metadata.a must be a string"),
        ("agent", [], "agent must be an object"),
    ],
)  # fmt: skip
async def test_a_damaged_recording_is_refused(
    tmp_path: Path, member: str, value: object, why: str
) -> None:
    """The sentence names the place."""
    file = await recorded(Untyped(lambda _: 1), tmp_path, once("run"))
    file.write_text(json.dumps({**json.loads(file.read_text()), member: value}))
    with pytest.raises(ReplayError) as error:
        await replay(file, Untyped(lambda _: 1))
    assert why in str(error.value)
