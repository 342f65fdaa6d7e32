"""`mirastack-agent dev` as a process, and the page that looks at it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from tests.cli.processes import MAIN, environment

# Only for a process that a test has failed to end.
_TIMEOUT = 90.0

type Json = dict[str, object]

AGENT = '''
import os
import subprocess
import sys
from mirastack_sdk import Agent, Context, EngineClient, Permission

agent = Agent(
    name="edited",
    version="1.0.0",
    description="Is edited",
    permission=Permission.READ,
    devops_stages=["observe"],
)


@agent.action
async def answer() -> int:
    """Give the answer that is written here."""
    return {answer}


@agent.action
async def configured(engine: EngineClient, ctx: Context) -> dict[str, str]:
    """Give the config."""
    return await engine.get_config(ctx)


@agent.action
async def pid() -> int:
    """Give the process."""
    return os.getpid()


@agent.action
async def remember(engine: EngineClient, ctx: Context) -> str | None:
    """Keep something in the cache, and give what was there."""
    before = await engine.cache_get(ctx, "edited:a")
    await engine.cache_set(ctx, "edited:a", "kept")
    return before


@agent.action
async def end() -> None:
    """End the process."""
    os._exit(7)


@agent.action
async def start_child() -> int:
    """Start a process of its own."""
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE).pid


@agent.action
async def wait() -> None:
    """Wait for ever."""
    import asyncio
    print("waiting")
    await asyncio.Event().wait()
'''


def agent_source(answer: int = 1) -> str:
    """An agent whose `answer` returns that number."""
    return AGENT.replace("{answer}", str(answer))


class DevProcess:
    """One running `dev`; `lines` are those that it has printed."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.lines: list[str] = []
        self.url = ""
        self._changed = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())
        self._state: Json = {}
        self._page: httpx.AsyncClient | None = None
        self._listener: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip("\n"))
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until[T](self, found: Callable[[], T | None], what: object) -> T:
        try:
            async with asyncio.timeout(_TIMEOUT), self._changed:
                while (value := found()) is None:
                    await self._changed.wait()
                return value
        except TimeoutError:
            printed = "\n".join(self.lines)
            raise AssertionError(f"never: {what}; printed:\n{printed}\n{self._state}") from None

    async def printed(self, text: str) -> str:
        """Wait for a line that holds `text`, and return it."""
        lines = self.lines
        return await self._until(lambda: next((one for one in lines if text in one), None), text)

    async def first_lines(self, count: int) -> list[str]:
        """Wait until so many lines have been printed, and return them."""
        lines = self.lines
        return await self._until(lambda: lines[:count] if len(lines) >= count else None, count)

    async def open_page(self) -> None:
        """Read the inspector's stream of events from now on."""
        self.url = (await self.printed("inspector ")).split()[-1]
        self._page = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=_TIMEOUT)
        self._listener = asyncio.create_task(self._listen(self._page))

    async def _listen(self, page: httpx.AsyncClient) -> None:
        async with page.stream("GET", "/api/stream", timeout=None) as response:
            kind = ""
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self._note(kind, json.loads(value))
                    await self._notify()

    def _note(self, kind: str, data: object) -> None:
        if kind == "state":
            assert isinstance(data, dict)
            self._state = data
        elif kind == "reload":
            self._state["reload"] = data

    async def shows(self, status: str, *, count: int = 0) -> Json:
        """Wait until the page shows that status after so many reloads, and return the state."""

        def reached() -> bool | None:
            match self._state.get("reload"):
                case {"status": shown, "count": counted} if (shown, counted) == (status, count):
                    return True
                case _:
                    return None

        await self._until(reached, (status, count))
        return await self.send("GET", "/api/state")

    @property
    def reloads(self) -> int:
        """How often the agent has been restarted."""
        match self._state["reload"]:
            case {"count": int(count)}:
                return count
            case other:
                raise AssertionError(other)

    async def edited(
        self, name: str, text: str, status: str = "running", *, at_ns: int | None = None
    ) -> Json:
        """Save a file, and return the state when the page shows the status after that.

        `at_ns` is the time of the change, by default now.
        """
        count = self.reloads + 1
        self.edit(name, text, at_ns)
        return await self.shows(status, count=count)

    async def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Use the inspector's API."""
        assert self._page is not None
        response = await self._page.request(method, path, json=body or {})
        found: Json = response.json()
        return found

    async def run(self, action: str) -> object:
        """Run an action, and return its result or its status."""
        started = await self.send("POST", "/api/executions", {"action": action})
        if "id" not in started:
            return started["error"]
        done = started
        while done["status"] == "running":
            done = await self.send("GET", f"/api/executions/{started['id']}")
        return done["result"] if done["status"] == "succeeded" else done["status"]

    def edit(self, name: str, text: str, at_ns: int | None = None) -> None:
        """Write a file as an editor does: the whole at once."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_text(text)
        if at_ns is not None:
            os.utime(draft, ns=(at_ns, at_ns))
        draft.replace(path)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        if self.process.returncode is None:
            os.kill(self.process.pid, number)

    async def ended(self) -> int:
        """Wait for the end, and return the status."""
        async with asyncio.timeout(_TIMEOUT):
            status = await self.process.wait()
            await self._reader
        return status

    async def close(self) -> None:
        """End everything, whatever has happened."""
        self.signal(signal.SIGKILL)
        if self._listener is not None:
            self._listener.cancel()
        if self._page is not None:
            await self._page.aclose()
        await self.ended()


@asynccontextmanager
async def dev(
    folder: Path,
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    python: Path | None = None,
) -> AsyncIterator[DevProcess]:
    """Run `dev` in a folder; its process is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        python or sys.executable,
        "-c",
        MAIN,
        "dev",
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **environment(),
            # Python keeps compiled code, unless somebody forbids it; here, not beside the sources.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"),
            **(environ or {}),
        },
    )
    async with AsyncExitStack() as stack:
        running = DevProcess(process, folder)
        stack.push_async_callback(running.close)
        yield running


def is_running(pid: int) -> bool:
    """Whether there is a process that has not ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(") ")[2][0] not in "ZX"


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again, since nobody tells that a foreign process has ended."""
    async with asyncio.timeout(_TIMEOUT):
        while not condition():
            await asyncio.to_thread(lambda: None)
