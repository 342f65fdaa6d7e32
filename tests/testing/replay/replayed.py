"""Executions to replay, and what differs."""

from collections.abc import Callable
from pathlib import Path

from mirastack_sdk import ExecuteRequest, MirastackPlugin
from mirastack_sdk.testing import (
    LocalEngine,
    RegisteredAgent,
    replay,
)
from tests.runtime.recording.recorded_agents import (
    TENANT,
    Use,
    record,
    recordings,
)

type Run = Callable[[ExecuteRequest], object]


async def recorded(plugin: MirastackPlugin, folder: Path, use: Use, **config: str) -> Path:
    """The file of the only execution."""
    await record(plugin, folder, use, config=config)
    (file,) = recordings(folder)
    return file


async def lines(file: Path, plugin: MirastackPlugin, **config: str) -> list[str]:
    """The differences of a replay, as people see them."""
    return [str(found) for found in (await replay(file, plugin, config=config)).differences]


def calls_of(*keys: str) -> Run:
    """Read the keys from the cache."""

    async def run(req: ExecuteRequest) -> object:
        return [await req.engine_client.cache_get(req.ctx, key) for key in keys]

    return run


async def cached(engine: LocalEngine, agent: RegisteredAgent) -> None:
    """Run once, with a, b and c in the cache."""
    for name in "abc":
        engine.cache_of(TENANT).set(f"untyped:{name}", name)
    await agent.execute("run")


def made(name: str) -> str:
    """A call as a difference shows it."""
    return f'{{"CacheGet":{{"key":"untyped:{name}","tenant_id":"{TENANT}"}}}}'
