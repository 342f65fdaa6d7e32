"""Log records name the call of the author's code that they come from."""

import asyncio
import logging
import logging.config
import logging.handlers
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

import pytest

from mirastack_sdk import MirastackPlugin
from mirastack_sdk._log import logged_call
from mirastack_sdk._runtime.log_output.sdk_handler import SdkHandler
from mirastack_sdk.agent import Agent, Depends
from mirastack_sdk.logs import ContextFilter, log_fields
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    Permission,
    PluginInfo,
    PluginSchema,
)
from mirastack_sdk.testing import LocalEngine
from tests.e2e.in_process import served

TENANT = "tenant-1"
LIBRARY = logging.getLogger("some_library.pool")

type Fields = Mapping[str, object]


class Collected(logging.Handler):
    """A handler of the author's, which keeps each record's fields by its text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(ContextFilter())
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def fields(self, text: str) -> Fields:
        """The fields of the records with this text, which are the same."""
        names = ("execution_id", "step_id", "action", "tenant_id")
        first, *more = (
            {name: vars(record)[name] for name in names if name in vars(record)}
            for record in self.records
            if record.getMessage() == text
        )
        assert all(fields == first for fields in more)
        return first


@pytest.fixture
def collected() -> Iterator[Collected]:
    """The author's handler, added to the root logger."""
    handler = Collected()
    logging.getLogger().addHandler(handler)
    level = LIBRARY.level
    LIBRARY.setLevel(logging.INFO)
    yield handler
    LIBRARY.setLevel(level)
    logging.getLogger().removeHandler(handler)


class Documented(MirastackPlugin):
    """Logs in each of its calls; `how` says from where."""

    def __init__(self, how: Callable[[str], object] = LIBRARY.info) -> None:
        self._log = how

    def info(self) -> PluginInfo:
        return PluginInfo("logger", "1.0.0", "Logs.", Permission.READ, ["observe"])

    def schema(self) -> PluginSchema:
        return PluginSchema([Action("write", "Write a line.", {})])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        outcome = self._log("executed")
        if asyncio.iscoroutine(outcome):
            await outcome
        return ExecuteResponse(output={"result": "1"})

    async def health_check(self) -> None:
        LIBRARY.info("checked")

    async def config_updated(self, config: dict[str, str]) -> None:
        LIBRARY.info("updated")


class Blocking(Documented):
    """Has plain methods, which the SDK runs in threads."""

    def execute(self, req: ExecuteRequest) -> ExecuteResponse:  # type: ignore[override] # documented
        self._log("executed")
        return ExecuteResponse(output={"result": "1"})

    def health_check(self) -> None:  # type: ignore[override] # documented
        LIBRARY.info("checked")

    def config_updated(self, config: dict[str, str]) -> None:  # type: ignore[override] # documented
        LIBRARY.info("updated")


async def _in_a_child_task(text: str) -> None:
    async def log() -> None:
        LIBRARY.info(text)

    async with asyncio.TaskGroup() as group:
        group.create_task(log())


async def _in_to_thread(text: str) -> None:
    await asyncio.to_thread(LIBRARY.info, text)


async def _in_a_callback(text: str) -> None:
    done = asyncio.Event()

    def log() -> None:
        LIBRARY.info(text)
        done.set()

    asyncio.get_running_loop().call_soon(log)
    await done.wait()


async def _after_a_pause(text: str) -> None:
    await asyncio.sleep(0)
    LIBRARY.info(text)


WAYS = [LIBRARY.info, _after_a_pause, _in_a_child_task, _in_to_thread, _in_a_callback]


async def _run(plugin: MirastackPlugin, action: str) -> str:
    """Execute an action, and run the other calls; gives the execution's id."""
    async with LocalEngine() as engine:
        name = plugin.info().name
        async with served(plugin, engine=engine.address, MIRASTACK_PLUGIN_TENANT_ID=TENANT):
            agent = await engine.wait_registered(name)
            await agent.health()
            await agent.push_config({"a": "b"})
            result = await agent.execute(action)
            assert result.success
            return result.execution_id


@pytest.mark.parametrize("way", WAYS)
async def test_records_of_coroutines_name_the_execution(
    way: Callable[[str], object], collected: Collected
) -> None:
    """So do those of child tasks, of threads by `asyncio.to_thread`, and of libraries."""
    execution_id = await _run(Documented(way), "write")
    assert collected.fields("executed") == {
        "execution_id": execution_id,
        "step_id": "step-1",
        "action": "write",
        "tenant_id": TENANT,
    }


async def test_records_of_plain_methods_name_the_execution(collected: Collected) -> None:
    """The SDK runs them in threads."""
    execution_id = await _run(Blocking(), "write")
    assert collected.fields("executed")["execution_id"] == execution_id
    assert collected.fields("checked") == {"tenant_id": TENANT}
    assert collected.fields("updated") == {"tenant_id": TENANT}


async def test_records_of_other_calls_name_the_tenant(collected: Collected) -> None:
    """A health check and a config update belong to no execution."""
    await _run(Documented(), "write")
    assert collected.fields("checked") == {"tenant_id": TENANT}
    assert collected.fields("updated") == {"tenant_id": TENANT}


def _agent() -> Agent:
    agent = Agent(
        name="logger",
        version="1.0.0",
        description="Logs.",
        permission=Permission.READ,
        devops_stages=["observe"],
    )

    def connection() -> int:
        LIBRARY.info("connected")
        return 1

    async def pool() -> int:
        LIBRARY.info("opened")
        return 1

    @agent.action
    def write(
        connection: Annotated[int, Depends(connection)],
        pool: Annotated[int, Depends(pool, lifetime="agent")],
    ) -> int:
        """Write a line."""
        LIBRARY.info("executed")
        return connection + pool

    return agent


async def test_records_of_typed_actions_name_the_execution(collected: Collected) -> None:
    """So do those of its dependencies, except for those that live as long as the agent."""
    execution_id = await _run(_agent(), "write")
    assert collected.fields("executed")["execution_id"] == execution_id
    assert collected.fields("connected")["execution_id"] == execution_id
    assert collected.fields("opened") == {}


async def test_a_direct_call_names_the_execution(collected: Collected) -> None:
    """Unit tests see what production shows."""
    await _agent().call("write")
    assert collected.fields("executed") == {
        "execution_id": "execution-1",
        "step_id": "step-1",
        "action": "write",
    }
    LIBRARY.info("after it")
    assert collected.fields("after it") == {}


async def test_executions_at_once_do_not_mix(collected: Collected) -> None:
    """Each record names its own execution."""
    both = asyncio.Barrier(2)

    async def meet(text: str) -> None:
        await both.wait()
        LIBRARY.info("%s by %s", text, log_fields()["execution_id"])

    async with LocalEngine() as engine, served(Documented(meet), engine=engine.address):
        agent = await engine.wait_registered("logger")
        results = await asyncio.gather(agent.execute("write"), agent.execute("write"))
    for result in results:
        text = f"executed by {result.execution_id}"
        assert collected.fields(text)["execution_id"] == result.execution_id
    assert results[0].execution_id != results[1].execution_id


async def test_the_action_may_be_named_by_the_parameters(collected: Collected) -> None:
    """Engines of today may leave `action_id` empty."""
    async with LocalEngine() as engine, served(Documented(), engine=engine.address):
        agent = await engine.wait_registered("logger")
        await agent.execute("", {"action": "write"})
    assert collected.fields("executed")["action"] == "write"


def test_records_outside_of_calls_stay_as_they_are() -> None:
    """Nothing is added, and no record is dropped."""
    made = logging.makeLogRecord({"msg": "text"})
    before = dict(vars(made))
    assert ContextFilter().filter(made)
    assert vars(made) == before
    assert log_fields() == {}


def test_a_records_own_fields_stay() -> None:
    """The SDK's own lines may speak of another execution."""
    made = logging.makeLogRecord({"execution_id": "own"})
    with logged_call(("other", "", "act", "")):
        ContextFilter().filter(made)
    assert (vars(made)["execution_id"], vars(made)["action"]) == ("own", "act")


def test_a_line_names_each_field_once() -> None:
    """Two handlers with the filter, and a line that has the field already, repeat nothing."""
    handler = SdkHandler()
    made = logging.makeLogRecord({"msg": "text", "execution_id": "7", "levelname": "INFO"})
    with logged_call(("7", "", "act", "")):
        assert handler.filter(made)
        assert handler.filter(made)
    assert handler.format(made).endswith("text execution_id=7 action=act")


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2J", "\ud800", "x" * 5000])
def test_what_the_engine_sends_stays_one_short_line(text: str) -> None:
    """An execution's id must not look like a line of the log."""
    with logged_call((text, text, text, text)):
        fields = log_fields()
    assert len(fields) == 4
    assert all(value.isprintable() and len(value) <= 200 for value in fields.values())


def test_a_queue_carries_the_fields_to_another_thread() -> None:
    """The filter belongs to the handler that fills the queue."""
    records = queue.SimpleQueue[logging.LogRecord]()
    filling = logging.handlers.QueueHandler(records)
    filling.addFilter(ContextFilter())
    read = Collected()
    reading = logging.handlers.QueueListener(records, read)
    logger = logging.getLogger("queued")
    logger.addHandler(filling)
    reading.start()
    with logged_call(("7", "", "", "")):
        logger.warning("text")
    reading.stop()
    logger.removeHandler(filling)
    assert read.fields("text") == {"execution_id": "7"}


def test_a_thread_of_the_authors_has_no_call() -> None:
    """Python gives it none of the context, unless the author does."""
    found: list[Mapping[str, str]] = []
    with logged_call(("7", "", "", "")):
        thread = threading.Thread(target=lambda: found.append(log_fields()))
        thread.start()
        thread.join()
    assert found == [{}]


def test_both_classes_can_be_configured_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """As `logging.config.dictConfig` does, in any framework."""
    root = logging.getLogger("configured")
    logging.config.dictConfig(
        {
            "version": 1,
            "incremental": False,
            "disable_existing_loggers": False,
            "filters": {"call": {"()": "mirastack_sdk.logs.ContextFilter"}},
            "formatters": {"json": {"()": "mirastack_sdk.logs.JsonFormatter"}},
            "handlers": {
                "stream": {
                    "class": "logging.StreamHandler",
                    "filters": ["call"],
                    "formatter": "json",
                    "stream": "ext://sys.stdout",
                }
            },
            "loggers": {"configured": {"handlers": ["stream"], "propagate": False}},
        }
    )
    with logged_call(("7", "", "", "")):
        root.warning("text")
    root.handlers.clear()
    assert '"message":"text","execution_id":"7"}' in capsys.readouterr().out
