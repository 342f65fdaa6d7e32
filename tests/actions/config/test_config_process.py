"""An agent with a config class, run as a process."""

from pathlib import Path

import pytest

from mirastack_sdk.testing import LocalEngine
from tests.e2e.agent_process import agent_process

PROGRAM = Path(__file__).parent / "config_process.py"
PIN_IS_WRONG = "  - BACKEND_PIN (pin) cannot be used: expected integer, got a value that is secret"
FIRST, SECOND = "hunter2-of-the-backend", "hunter3-of-the-backend"


@pytest.mark.parametrize("kept", ["variable", "file"])
async def test_secrets_of_all_origins_are_in_no_log(kept: str, tmp_path: Path) -> None:
    """Secrets of engine, environment and files are in none of its lines, the author's included."""
    file = tmp_path / "token"
    file.write_text(f"{FIRST}\n")
    variables = (
        {"BACKEND_TOKEN": FIRST} if kept == "variable" else {"BACKEND_TOKEN_FILE": str(file)}
    )
    async with (
        LocalEngine() as engine,
        agent_process(PROGRAM, engine=engine.address, **variables) as process,
    ):
        agent = await engine.wait_registered("talkative")
        first = await agent.execute("talk")
        assert (await agent.push_config({"token": SECOND})).acknowledged
        second = await agent.execute("talk")
        process.signal()
        assert await process.ended() == 0
    log = "\n".join(process.log)
    assert first.error == second.error == "[secret] was refused"
    assert log.count("talking with [secret]") == 2
    assert log.count("closed") == 2
    assert FIRST not in log
    assert SECOND not in log


@pytest.mark.parametrize(
    ("environ", "lines"),
    [
        pytest.param(
            {"BACKEND_ROWS": "many", "BACKEND_PIN": FIRST},
            [
                "mirastack: the configuration cannot be used:",
                PIN_IS_WRONG,
                '  - BACKEND_ROWS (rows): expected integer, got "many"',
            ],
            id="environment",
        ),
        pytest.param(
            {"BACKEND_URL": "bad"},
            [
                "mirastack: the agent cannot start:",
                "  - backend has not started: bad is unreachable",
            ],
            id="lifespan",
        ),
    ],
)
async def test_an_invalid_config_ends_the_process(
    environ: dict[str, str], lines: list[str]
) -> None:
    """The process ends with status 1 and the reason, and nothing listens."""
    async with agent_process(PROGRAM, **environ) as process:
        assert await process.ended() == 1
    # A thread that is reading the agent's declaration may log something after that.
    start = process.log.index(lines[0])
    assert process.log[start : start + len(lines)] == lines
    assert process.stdout == []
    assert FIRST not in "\n".join(process.log)
