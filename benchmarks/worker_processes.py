"""The command `python -m benchmarks.worker_processes`: what actions gain from a pool of two.

Two calls compute at once, in threads of one process and in two worker processes, in turns; all the
while, the engine checks the agent's health. What the machine gives at the moment is measured in the
same run: a program without the SDK, once and twice at a time.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mirastack_sdk.testing import AgentClient, LocalEngine

LEAST_SHARE = 0.9
"""The least share of what two processes without the SDK gain: 1.8 on two idle CPUs."""
MOST_HEALTH_SECONDS = 0.020

_AGENT = Path(__file__).parent / "agents" / "computing.py"
_ACTIONS = ("in_thread", "in_process")
_CALLERS = 2
_CHECK_SECONDS = 0.02
_TIMEOUT = 300.0
_BARE = """
for _ in range({calls}):
    total = 0
    for number in range({steps}):
        total = (total * 31 + number) % 1_000_003
"""


@dataclass(slots=True)
class Measured:
    """Calls a second in each round, and the seconds of each health check."""

    rates: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Print the throughput of a pool of two, relative to one process, and the health checks."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.worker_processes", description=main.__doc__
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=10, help="of each caller in a round")
    parser.add_argument("--steps", type=int, default=1_000_000, help="how long a call computes")
    options = parser.parse_args(arguments)
    found = asyncio.run(measured(options.rounds, options.calls, options.steps))
    thread, process = (found[action] for action in _ACTIONS)
    ratio = _median_ratio(process.rates, thread.rates)
    bare = _median_ratio(found["bare_two"].rates, found["bare_one"].rates)
    checks = sorted(process.health)
    median, late = statistics.median(checks), checks[int(len(checks) * 0.95)]
    sys.stdout.write(
        f"throughput of two workers: {ratio:.2f} times that of one process; two processes without "
        f"the SDK: {bare:.2f} times that of one (at least {LEAST_SHARE:.0%} of that)\n"
        f"health checks meanwhile: median {median * 1000:.1f} ms, 95 % within {late * 1000:.1f} ms "
        f"(within {MOST_HEALTH_SECONDS * 1000:.0f} ms); while threads compute, median "
        f"{statistics.median(thread.health) * 1000:.1f} ms\n"
    )
    return 0 if ratio >= LEAST_SHARE * bare and late <= MOST_HEALTH_SECONDS else 1


async def measured(rounds: int, calls: int, steps: int) -> dict[str, Measured]:
    """Measure both actions in turns; each has been called before."""
    found = {name: Measured() for name in (*_ACTIONS, "bare_one", "bare_two")}
    async with LocalEngine() as engine, _agent(engine.address):
        client = await engine.wait_registered("computing", timeout=_TIMEOUT)
        for action in _ACTIONS:
            await _computed(client, action, 1, steps)
        for _ in range(rounds):
            for action in _ACTIONS:
                await _round(client, action, calls, steps, found[action])
            found["bare_one"].rates.append(await _bare_rate(1, calls, steps))
            found["bare_two"].rates.append(await _bare_rate(2, calls, steps))
    return found


def _median_ratio(rates: Sequence[float], references: Sequence[float]) -> float:
    return statistics.median(
        rate / reference for rate, reference in zip(rates, references, strict=True)
    )


async def _bare_rate(processes: int, calls: int, steps: int) -> float:
    """How many calls a second a program without the SDK would make, so many at a time."""
    program = _BARE.format(calls=calls, steps=steps)
    start = time.perf_counter()
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", program)
        for _ in range(processes)
    ]
    await asyncio.gather(*(one.wait() for one in running))
    return processes * calls / (time.perf_counter() - start)


async def _round(
    client: AgentClient, action: str, calls: int, steps: int, measured: Measured
) -> None:
    checking = asyncio.create_task(_check_health(client, measured.health))
    start = time.perf_counter()
    await _computed(client, action, calls, steps)
    measured.rates.append(_CALLERS * calls / (time.perf_counter() - start))
    checking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await checking


async def _computed(client: AgentClient, action: str, calls: int, steps: int) -> None:
    async def call() -> None:
        for _ in range(calls):
            result = await client.execute(action, {"steps": steps}, timeout=_TIMEOUT)
            if not result.success:
                raise RuntimeError(result.error)

    await asyncio.gather(*(call() for _ in range(_CALLERS)))


async def _check_health(client: AgentClient, seconds: list[float]) -> None:
    while True:
        start = time.perf_counter()
        await client.health(timeout=_TIMEOUT)
        seconds.append(time.perf_counter() - start)
        await asyncio.sleep(_CHECK_SECONDS)


@asynccontextmanager
async def _agent(engine: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_AGENT),
        stdout=asyncio.subprocess.DEVNULL,
        env={
            **os.environ,
            "MIRASTACK_ENGINE_ADDR": engine,
            "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
            "MIRASTACK_PLUGIN_WORKER_PROCESSES": str(_CALLERS),
            "MIRASTACK_LOG_LEVEL": "ERROR",
        },
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
