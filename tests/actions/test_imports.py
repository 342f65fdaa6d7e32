"""An agent without typed actions does not import them."""

import subprocess
import sys

import pytest

from tests.documentation.documentation import MINIMAL_AGENT

WITHOUT = ("pydantic", "pydantic_core", "annotated_types", "mirastack_sdk._actions")


def loaded(code: str) -> set[str]:
    """Which of those modules a fresh interpreter has after running a program."""
    program = f"{code}\nimport sys\nprint([name for name in {WITHOUT!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.splitlines()[-1]
    return {name for name in WITHOUT if repr(name) in found}


PROGRAMS = {
    "package": "import mirastack_sdk",
    "documented-modules": (
        "import mirastack_sdk.plugin, mirastack_sdk.engine, mirastack_sdk.errors, "
        "mirastack_sdk.datetimeutils, mirastack_sdk.testing"
    ),
    "responses": (
        "import mirastack_sdk.results\n"
        "from mirastack_sdk import respond_error, respond_json, respond_map, respond_raw\n"
        "respond_map({'a': 1})"
    ),
    "documented-agent": f"""
import asyncio, importlib.util
from mirastack_sdk import serve_async
spec = importlib.util.spec_from_file_location("agent", {str(MINIMAL_AGENT)!r})
agent = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)

async def main():
    stop = asyncio.Event()
    environ = {{"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0"}}
    plugin = agent.MyPlugin()
    await serve_async(plugin, environ=environ, stop=stop, on_listening=lambda _: stop.set())

asyncio.run(main())
""",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=PROGRAMS)
def test_pydantic_is_not_imported(code: str) -> None:
    """Neither the package nor a documented agent, served to its end, loads typed actions."""
    assert loaded(code) == set()


def test_importing_agent_loads_typed_actions() -> None:
    """`from mirastack_sdk import Agent` loads them, so the test above can fail."""
    assert loaded("from mirastack_sdk import Agent") == set(WITHOUT)
