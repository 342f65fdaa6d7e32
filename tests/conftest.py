"""The settings of the whole suite: files that are not tests, signals, and pytest-xdist."""

import gc
import os
import signal
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from mirastack_sdk._cli.installation import is_compiled

# How long a drawn example takes says more of the machine than of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

collect_ignore_glob = [
    "documentation/programs/*",  # the documentation's own test is run as its reader would run it
    "typing/mistakes/*",  # checked by the type checkers, never run
]


def pytest_configure() -> None:
    """Handle signals that a shell in the background, or nohup, lets its children ignore."""
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Run two workers a core: half of the time, tests wait for sockets and processes."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return 2 * (len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what only pure Python can do, such as counting calls, where the SDK is compiled."""
    if not is_compiled():
        return
    for item in items:
        for mark in item.iter_markers("pure_python"):
            item.add_marker(pytest.mark.skip(reason=f"the SDK is compiled: {mark.args[0]}"))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a compiled closure by its class: it has no name, and its address differs by worker."""
    return type(val).__name__ if callable(val) and " at 0x" in str(val) else None


def pytest_collection_finish() -> None:
    """Spare later garbage collections the modules and the items, which all stay to the end."""
    gc.collect()
    gc.freeze()


def _encodable(data: object) -> object:
    if isinstance(data, str):
        return data.encode(errors="backslashreplace").decode()
    if isinstance(data, dict):
        return {_encodable(key): _encodable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(map(_encodable, data))
    return data


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    """Escape lone surrogates, which some tests log: pytest-xdist sends reports as UTF-8."""
    return _encodable((yield))
