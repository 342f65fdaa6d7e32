"""A real agent process that writes its log as JSON."""

import json

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import AgentProcess, agent_process

SECRET = "hunter2-hunter2"


def _records(agent: AgentProcess) -> list[dict[str, object]]:
    """Every line of standard error, each of which is a record."""
    return [json.loads(line) for line in agent.log]


async def test_every_line_is_a_record_that_names_its_execution() -> None:
    """From the start to the forced end, whatever is logged by whomever, and without secrets."""
    async with (
        LocalEngine() as engine,
        agent_process(
            "json_logs.py",
            engine=engine.address,
            MIRASTACK_LOG_FORMAT="json",
            MIRASTACK_PLUGIN_SHUTDOWN_GRACE="0",
        ) as agent,
    ):
        registered = await engine.wait_registered("json_logs", timeout=30)
        await registered.push_config({"token": SECRET})
        result = await registered.execute("write", {"token": SECRET})
        await registered.execute("leave_behind")
        agent.signal()
        assert await agent.ended() == 0
    records = _records(agent)
    assert all(list(record)[:4] == ["time", "level", "logger", "message"] for record in records)
    of_call = [record for record in records if record.get("execution_id") == result.execution_id]
    assert [(record["logger"], record["message"]) for record in of_call] == [
        ("my_agent", "two\nlines \ufffd and \u2028"),
        ("my_agent", "the token is [secret]"),
        ("my_agent", "%d is no number"),
        ("library", "by a library"),
        ("my_agent", "login failed"),
    ]
    assert all(record["action"] == "write" for record in of_call)
    assert (of_call[0]["rows"], of_call[0]["ratio"]) == (3, "nan")
    assert of_call[1]["login"] == {"token": "[secret]"}
    assert str(of_call[4]["exception"]).endswith("ValueError: cannot log in with [secret]")
    assert str(records[-1]["message"]).startswith("ended by force: threads have not ended")
    assert not any("hunter2" in line for line in agent.log)


async def test_text_lines_name_their_execution_too() -> None:
    """Without any set-up, and each field once."""
    async with (
        LocalEngine() as engine,
        agent_process("json_logs.py", engine=engine.address) as agent,
    ):
        registered = await engine.wait_registered("json_logs", timeout=30)
        result = await registered.execute("write", {"token": "t"})
        line = await agent.logged("by a library")
    assert line.endswith(
        f" by a library execution_id={result.execution_id} step_id=step-1 action=write"
    )


async def test_an_unknown_format_stops_the_start() -> None:
    """One sentence names the variable and what it may be."""
    async with agent_process("json_logs.py", MIRASTACK_LOG_FORMAT="yaml") as agent:
        assert await agent.ended() == 1
    assert agent.log[1:] == ['  - MIRASTACK_LOG_FORMAT must be text or json, got "yaml"']
