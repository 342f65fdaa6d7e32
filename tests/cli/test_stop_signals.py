"""The signals that stop a command which serves until then."""

import asyncio
import os
import signal

import pytest

from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._cli.stop_signals import stop_signal

STATUSES = [
    (signal.SIGINT, ExitStatus.INTERRUPTED),
    (signal.SIGTERM, ExitStatus.SUCCESS),
    (signal.SIGHUP, ExitStatus.SUCCESS),
]


def send(number: signal.Signals) -> None:
    """Send a signal to this process."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "status"), STATUSES, ids=["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_command_that_waits_is_woken(number: signal.Signals, status: ExitStatus) -> None:
    """It ends by itself, with the status of the signal."""
    with stop_signal() as stop:
        waiting = asyncio.create_task(stop.wait())
        await asyncio.sleep(0)
        send(number)
        await waiting
    assert stop.status == status
    assert not stop.is_cancelled


@pytest.mark.parametrize(("number", "status"), STATUSES, ids=["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_command_that_does_something_else_is_cancelled(
    number: signal.Signals, status: ExitStatus
) -> None:
    """For example, while an agent starts; what comes after the block runs."""
    with stop_signal() as stop:
        send(number)
        await asyncio.Event().wait()
    assert stop.status == status
    await asyncio.sleep(0)


async def test_a_second_signal_cancels() -> None:
    """Whoever presses Ctrl-C twice does not want to wait."""
    with stop_signal() as stop:
        waiting = asyncio.create_task(stop.wait())
        await asyncio.sleep(0)
        send(signal.SIGTERM)
        await waiting
        send(signal.SIGINT)
        await asyncio.Event().wait()
    assert stop.status is ExitStatus.INTERRUPTED


async def test_another_cancellation_is_passed_on() -> None:
    """Only a signal's own cancellation ends with the block."""

    async def run() -> None:
        with stop_signal():
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_signals_are_the_process_s_again_afterwards() -> None:
    """Ctrl-C raises KeyboardInterrupt, as before."""
    before = signal.getsignal(signal.SIGINT)
    with stop_signal():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
