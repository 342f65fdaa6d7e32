"""What an engine starts from its plugins.dir: an agent that it can reach and stop."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from mirastack_sdk.testing import LocalEngine
from tests.deploy.manifests import LAUNCHER, unit_settings
from tests.documentation.documentation import MINIMAL_AGENT

_TIMEOUT = 60.0
_PROGRAM = "/opt/mirastack-agents/my-agent/bin/my-agent"


async def test_an_engine_can_start_and_stop_it(tmp_path: Path) -> None:
    """With what engines set: their own environment, and their address."""
    agent = tmp_path / "my-agent"
    agent.write_text(f"#!{sys.executable}\n{MINIMAL_AGENT.read_text(encoding='utf-8')}")
    launcher = tmp_path / "launcher"
    launcher.write_text(LAUNCHER.read_text(encoding="utf-8").replace(_PROGRAM, str(agent)))
    for path in (agent, launcher):
        path.chmod(0o755)
    async with asyncio.timeout(_TIMEOUT), LocalEngine() as engine:
        process = await asyncio.create_subprocess_exec(
            launcher,
            env=os.environ | {"MIRASTACK_ENGINE_ADDR": engine.address},
            stdout=PIPE,
            stderr=DEVNULL,
        )
        try:
            assert process.stdout is not None
            assert re.fullmatch(rb"MIRASTACK_PLUGIN_PORT=\d+\n", await process.stdout.readline())
            await engine.wait_registered("my_agent", timeout=_TIMEOUT)
            process.terminate()
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
    assert os.access(LAUNCHER, os.X_OK), "an engine starts executables only"


def test_agents_are_where_the_unit_looks_for_them() -> None:
    """One installation serves both."""
    (command,) = unit_settings()["ExecStart"]
    assert command.replace("%i", "my-agent") == _PROGRAM
    assert LAUNCHER.read_text(encoding="utf-8").endswith(f"\nexec {_PROGRAM}\n")
