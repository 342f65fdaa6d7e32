"""The pytest plugin's fixtures work in an author's folder, however async tests are run there."""

import subprocess
import sys
from pathlib import Path

import pytest

AGENT = '''
from mirastack_sdk import Agent, Context, EngineClient, Permission

agent = Agent(
    name="logs", version="1.0.0", description="Searches logs.",
    permission=Permission.READ, devops_stages=["observe"],
)


@agent.action
async def remember(text: str, engine: EngineClient, ctx: Context) -> str:
    """Remember a text."""
    await engine.cache_set(ctx, "logs:text", text)
    return text
'''

TESTS = """
import asyncio

from mirastack_sdk import serve_async
from logs_agent import agent


async def test_in_process(agent_client, engine_client):
    async with agent_client(agent) as client:
        assert (await client.execute("remember", {"text": "a"})).success
    assert engine_client.cache.get("logs:text") == "a"


def test_each_test_has_its_own_engine(engine_client):
    assert len(engine_client.cache) == 0


class TestBesideAnEngine:
    async def test_over_sockets(self, local_engine, tmp_path):
        assert tmp_path.exists()
        stop = asyncio.Event()
        environ = {
            "MIRASTACK_ENGINE_ADDR": local_engine.address,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
        }
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve_async(agent, environ=environ, stop=stop))
            client = await local_engine.wait_registered("logs")
            assert (await client.execute("remember", {"text": "a"})).success
            stop.set()


async def test_the_engine_is_started_anew(local_engine):
    assert local_engine.is_serving
    assert local_engine.registrations == []


def test_a_plain_test_starts_it_itself(local_engine):
    async def use():
        async with local_engine:
            assert local_engine.is_serving

    assert not local_engine.is_serving
    asyncio.run(use())
"""

MARKED = """
import pytest
import pytest_asyncio


@pytest_asyncio.fixture
async def started(local_engine):
    async with local_engine:
        yield local_engine


@pytest.mark.asyncio
async def test_on_the_loop_of_pytest_asyncio(local_engine):
    assert local_engine.is_serving


@pytest.mark.asyncio
async def test_a_fixture_of_the_author_starts_it(started, local_engine):
    assert started is local_engine
    assert local_engine.is_serving
"""

OWN_ENGINE = """
import pytest


@pytest.fixture
def local_engine():
    return "the author's own"


async def test_a_fixture_of_the_same_name_wins(local_engine):
    assert local_engine == "the author's own"
"""

UNUSED = """
import sys


async def test_nothing():
    assert not [name for name in sys.modules if name.split(".")[0] == "mirastack_sdk"]
"""

WAYS = {
    "our plugin alone": ("-p", "no:asyncio"),
    "pytest-asyncio strict": ("-o", "asyncio_mode=strict"),
    "pytest-asyncio auto": ("-o", "asyncio_mode=auto"),
    "pytest-xdist": ("-n", "2"),
}


def run_pytest(folder: Path, *options: str) -> str:
    """Run pytest in an author's folder, without configuration."""
    (folder / "logs_agent.py").write_text(AGENT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_they_need_no_configuration(way: str, tmp_path: Path) -> None:
    """Each runs on the loop of the test, and each test gets its own."""
    (tmp_path / "test_logs.py").write_text(TESTS, encoding="utf-8")
    output = run_pytest(tmp_path, *WAYS[way])
    assert "5 passed" in output, output


def test_tests_of_pytest_asyncio_may_use_them(tmp_path: Path) -> None:
    """A marked test and an async fixture share the engine's loop."""
    (tmp_path / "test_marked.py").write_text(MARKED, encoding="utf-8")
    output = run_pytest(tmp_path)
    assert "2 passed" in output, output


def test_they_cost_nothing_when_unused(tmp_path: Path) -> None:
    """Neither starting pytest nor an async test imports the SDK."""
    (tmp_path / "test_unused.py").write_text(UNUSED, encoding="utf-8")
    output = run_pytest(tmp_path)
    assert "1 passed" in output, output


def test_an_authors_fixture_of_that_name_wins(tmp_path: Path) -> None:
    """Nothing is done to it."""
    (tmp_path / "test_own.py").write_text(OWN_ENGINE, encoding="utf-8")
    output = run_pytest(tmp_path)
    assert "1 passed" in output, output
