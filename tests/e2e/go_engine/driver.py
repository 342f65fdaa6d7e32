"""The process of the grpc-go engine, and its commands."""

import asyncio
import itertools
import json
import signal
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.e2e.go_engine.building import Program

type Json = str | int | float | list["Json"] | dict[str, "Json"] | None
type Fields = dict[str, Json]

# Only for lines that never come, and for an engine that a test has failed to end.
_TIMEOUT = 60.0
_LONGEST_LINE = 64 * 1024 * 1024


def go_bytes(value: Json) -> str:
    """Return JSON as the value of a bytes field."""
    return b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def json_of(data: Json) -> Json:
    """Return the JSON in a bytes field."""
    assert isinstance(data, str)
    value: Json = json.loads(b64decode(data))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a command in grpc-go: a status, and the response if it is `OK`."""

    code: str
    message: str
    reply: Fields

    @property
    def result(self) -> Json:
        """The result that an execution has in its output."""
        output = json_of(self.reply["result_json"])
        assert isinstance(output, dict)
        text = output["result"]
        assert isinstance(text, str)
        value: Json = json.loads(text)
        return value


@dataclass(frozen=True, slots=True)
class Command:
    """A running command; `await` it for its outcome."""

    number: int
    outcome: asyncio.Future[Outcome]


@dataclass(slots=True, kw_only=True)
class Happened:
    """One event, with the fields of its kind.

    `address` is where the engine listens, or where the call came from; `timeout_ms` is the caller's
    timeout.
    """

    event: str
    address: str = ""
    method: str = ""
    request: Fields = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    timeout_ms: int = 0
    agent: dict[str, Fields] = field(default_factory=dict)
    goaway: dict[str, int] = field(default_factory=dict)
    cause: str = ""


class GoEngine:
    """One running engine; `events` holds what happened so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.events: list[Happened] = []
        self._process = process
        self._numbers = itertools.count(1)
        self._commands: dict[int, asyncio.Future[Outcome]] = {}
        self._changed = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @property
    def address(self) -> str:
        """The address at which agents reach it."""
        return self.all_of("listening")[-1].address

    def begin(self, do: str, **arguments: Json) -> Command:
        """Send a command."""
        assert self._process.stdin is not None
        command = Command(next(self._numbers), asyncio.get_running_loop().create_future())
        self._commands[command.number] = command.outcome
        line = json.dumps({"id": command.number, "do": do, **arguments})
        self._process.stdin.write(f"{line}\n".encode())
        return command

    async def ask(self, do: str, **arguments: Json) -> Outcome:
        """Send a command and wait for its outcome."""
        async with asyncio.timeout(_TIMEOUT):
            return await self.begin(do, **arguments).outcome

    def begin_call(self, method: str, request: Fields | None = None, **options: Json) -> Command:
        """Begin a call of the registered agent."""
        return self.begin("call", method=method, request=request or {}, **options)

    async def call(self, method: str, request: Fields | None = None, **options: Json) -> Outcome:
        """Call the agent that is registered."""
        async with asyncio.timeout(_TIMEOUT):
            return await self.begin_call(method, request, **options).outcome

    def begin_execution(
        self, action: str, params: Fields | None = None, **options: Json
    ) -> Command:
        """Begin an execution."""
        return self.begin_call("Execute", _execution(action, params), **options)

    async def execute(self, action: str, params: Fields | None = None, **options: Json) -> Outcome:
        """Run an action."""
        return await self.call("Execute", _execution(action, params), **options)

    def all_of(self, event: str, method: str = "") -> list[Happened]:
        """Return the events of a kind, of one method if it is given."""
        return [e for e in self.events if e.event == event and method in ("", e.method)]

    async def happened(self, event: str, method: str = "", count: int = 1) -> Happened:
        """Wait for the count-th event of a kind, and return it."""

        def arrived() -> bool:
            return len(self.all_of(event, method)) >= count

        await self._until(arrived, f"{count} x {event} {method}")
        return self.all_of(event, method)[count - 1]

    async def kill(self) -> None:
        """End the process at once."""
        self._process.send_signal(signal.SIGKILL)
        await self._ended()

    async def close(self) -> None:
        """Stop the process in order, if it still runs."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await self._ended()
        finally:
            if self._process.returncode is None:
                await self.kill()

    async def _ended(self) -> None:
        async with asyncio.timeout(_TIMEOUT):
            await self._process.wait()
            await self._reader

    async def _until(self, arrived: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT), self._changed:
                await self._changed.wait_for(arrived)
        except TimeoutError:
            seen = "\n".join(map(str, self.events))
            raise AssertionError(f"never happened: {what}; what did:\n{seen}") from None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            fields = json.loads(line)
            if "id" in fields:
                outcome = self._commands.pop(fields.pop("id"))
                if not outcome.done():
                    outcome.set_result(_outcome(fields))
                continue
            async with self._changed:
                self.events.append(Happened(**fields))
                self._changed.notify_all()
        for outcome in self._commands.values():
            outcome.cancel("the engine has ended")


def _outcome(fields: dict[str, Json]) -> Outcome:
    reply = fields["reply"] or {}
    assert isinstance(reply, dict)
    return Outcome(code=str(fields["code"]), message=str(fields["message"]), reply=reply)


def _execution(action: str, params: Fields | None) -> Fields:
    return {"action_id": action, "params_json": None if params is None else go_bytes(params)}


@asynccontextmanager
async def go_engine(program: Program, **flags: str) -> AsyncIterator[GoEngine]:
    """Start an engine with command line flags; its process ends with the block."""
    options = [f"-{name.replace('_', '-')}={value}" for name, value in flags.items()]
    process = await asyncio.create_subprocess_exec(
        program.path,
        f"-descriptors={program.descriptors}",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    engine = GoEngine(process)
    try:
        await engine.happened("listening")
        yield engine
    finally:
        await engine.close()
