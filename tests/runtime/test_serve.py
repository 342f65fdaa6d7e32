"""serve() where an event loop runs already."""

import ast
import asyncio
import contextvars
import signal
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from mirastack_sdk import compat, serve
from tests.actions.agents import new_agent
from tests.compat.probe import Probe
from tests.runtime.test_serve_async import Plugin

uvloop = pytest.importorskip("uvloop", reason="uvloop does not run on this system")


async def _in_a_coroutine() -> None:
    serve(Plugin())


async def _in_a_callback() -> None:
    outcome = asyncio.get_running_loop().create_future()

    def call() -> None:
        try:
            serve(Plugin())
        except RuntimeError as error:
            outcome.set_exception(error)

    asyncio.get_running_loop().call_soon(call)
    await outcome


async def _in_a_nested_function() -> None:
    """As in a notebook, whose cells run on the kernel's loop."""
    exec("serve(Plugin())", {"serve": serve, "Plugin": Plugin})  # noqa: S102 - as a kernel does


async def _in_a_cell_with_await() -> None:
    """As in IPython, which awaits what a cell awaits."""
    exec(  # noqa: S102 - as a shell does
        compile("serve(Plugin())", "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT),
        {"serve": serve, "Plugin": Plugin},
    )


async def _in_a_generator() -> None:
    async def results() -> AsyncIterator[None]:
        serve(Plugin())
        yield

    async for _ in results():
        pass


async def _in_an_eager_task() -> None:
    """Its first step runs before the task is given to the loop."""
    task = asyncio.eager_task_factory(asyncio.get_running_loop(), _in_a_coroutine())
    assert task.done()
    await task


async def _in_a_context() -> None:
    contextvars.Context().run(serve, Plugin())


async def _in_a_thread_with_a_loop() -> None:
    """Each thread has its own loop, or none."""
    _run_in_a_thread(asyncio.run)


async def _in_a_loop_of_uvloop() -> None:
    _run_in_a_thread(uvloop.run)


def _run_in_a_thread(run: Callable[[Coroutine[None, None, None]], None]) -> None:
    raised: list[Exception] = []

    def call() -> None:
        try:
            run(_in_a_coroutine())
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    raise raised[0]


async def _at_the_end_of_a_block() -> None:
    @asynccontextmanager
    async def block() -> AsyncIterator[None]:
        try:
            yield
        finally:
            serve(Plugin())

    async with block():
        pass


async def _while_a_task_is_cancelled() -> None:
    async def held() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            serve(Plugin())

    task = asyncio.create_task(held())
    await asyncio.sleep(0)
    task.cancel()
    await task


async def _as_a_callback_of_a_task() -> None:
    outcome = asyncio.get_running_loop().create_future()

    def call(_: asyncio.Task[None]) -> None:
        try:
            serve(Plugin())
        except RuntimeError as error:
            outcome.set_exception(error)

    task = asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(call)
    await outcome


async def _typed_agent() -> None:
    serve(new_agent())


async def _agent_of_the_published_sdk() -> None:
    compat.serve(Probe())


async def _wrong_plugin() -> None:
    serve(None)  # type: ignore[arg-type] # wrong on purpose


@pytest.mark.parametrize(
    "place",
    [
        _in_a_coroutine,
        _in_a_callback,
        _in_a_nested_function,
        _in_a_cell_with_await,
        _in_a_generator,
        _in_an_eager_task,
        _in_a_context,
        _in_a_thread_with_a_loop,
        _in_a_loop_of_uvloop,
        _at_the_end_of_a_block,
        _while_a_task_is_cancelled,
        _as_a_callback_of_a_task,
        _typed_agent,
        _agent_of_the_published_sdk,
        _wrong_plugin,
    ],
)
async def test_a_running_loop_is_refused_in_one_sentence(
    place: Callable[[], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It names serve_async(), at once and before anything else; nothing has changed."""
    monkeypatch.setenv("MIRASTACK_PLUGIN_ADDR", "nowhere")
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    threads = set(threading.enumerate())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=r"use `await serve_async\(plugin\)` instead"):
            await place()
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    # One that an earlier test has left behind may end meanwhile.
    assert threads.issuperset(threading.enumerate())
    assert caplog.records == []


async def test_a_loop_in_another_thread_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread without a loop may serve; here it gets as far as its settings."""
    monkeypatch.setenv("MIRASTACK_PLUGIN_ADDR", "nowhere")
    with pytest.raises(SystemExit):
        await asyncio.to_thread(serve, Plugin())
