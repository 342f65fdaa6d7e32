"""A documented program as a process beside a local engine."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mirastack_sdk.testing import LocalEngine
from tests.documentation.documentation import MINIMAL_AGENT

END_SECONDS = 20.0


@asynccontextmanager
async def running(
    program: Path, engine: LocalEngine, python: Path | None = None
) -> AsyncIterator[Process]:
    """Start a program that serves an agent; end it when the block ends.

    Other programs may import the minimal agent, as their reader would. `python` is the interpreter
    to run it with, if not the one that runs this.
    """
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MIRASTACK_")}
    search = [str(MINIMAL_AGENT.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = kept | {
        "MIRASTACK_ENGINE_ADDR": engine.address,
        "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        "PYTHONPATH": os.pathsep.join(search),
    }
    process = await asyncio.create_subprocess_exec(
        python or sys.executable, program, env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # reads the pipes to their end, which closes them


async def ended(process: Process) -> tuple[int, str, str]:
    """Terminate a process; return its status, standard output and standard error."""
    process.terminate()
    output, errors = await asyncio.wait_for(process.communicate(), END_SECONDS)
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()
