"""serve() where an event loop runs already."""

import ast
import asyncio
import contextvars
import signal
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mirastack_sdk import serve
from tests.runtime.test_serve_async import Plugin


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
    threads = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=r"use `await serve_async\(plugin\)` instead"):
            await place()
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert threading.active_count() == threads
    assert caplog.records == []


async def test_a_loop_in_another_thread_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread without a loop may serve; here it gets as far as its settings."""
    monkeypatch.setenv("MIRASTACK_PLUGIN_ADDR", "nowhere")
    with pytest.raises(SystemExit):
        await asyncio.to_thread(serve, Plugin())
