"""The lines of the sources that a process runs, told by `sys.monitoring`.

Each line is told once until `again()`, so recording costs little. Tests and the processes that they
start use this module; it stands alone, as `sitecustomize` loads it in each of those processes.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from types import CodeType

SOURCES = ("src/mirastack_sdk/", "codegen/")
FOLDER = "EXECUTED_LINES_FOLDER"
ROOT = "EXECUTED_LINES_ROOT"
TEST = "PYTEST_CURRENTTEST"
_TOOL = sys.monitoring.COVERAGE_ID


def record(root: str, tell: Callable[[str, int], None]) -> None:
    """Tell each line of the sources below `root` when it is run for the first time."""
    prefixes = tuple(os.path.join(root, folder) for folder in SOURCES)
    start = len(os.path.join(root, ""))

    disable = sys.monitoring.DISABLE  # lines are still told when `sys` has been taken down

    def on_line(code: CodeType, line: int) -> object:
        if code.co_filename.startswith(prefixes):
            tell(code.co_filename[start:], line)
        return disable

    sys.monitoring.use_tool_id(_TOOL, "executed lines")
    sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, on_line)
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)


def again() -> None:
    """Tell lines again that have been told."""
    sys.monitoring.restart_events()


def record_process() -> None:
    """In a process that a test has started, write its lines as they run: it may be killed."""
    test = os.environ.get(TEST, "").rpartition(" (")[0]
    folder = os.environ.get(FOLDER)
    if not test or not folder:
        return
    name = f"process-{os.getpid()}-{time.monotonic_ns()}"
    opened = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # The low numbers stay as they are without the recording: programs expect some to be free.
    target = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, 500)
    os.close(opened)
    os.write(target, f"{test}\n".encode(errors="backslashreplace"))
    record(os.environ[ROOT], lambda path, line: _write(target, f"{path}:{line}\n"))


def _write(target: int, text: str) -> None:
    try:
        os.write(target, text.encode())
    except OSError:
        sys.monitoring.set_events(_TOOL, 0)
