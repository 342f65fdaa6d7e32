"""What large messages leave behind is there for the next ones."""

import platform
import subprocess
import sys

import pytest

_LARGE_MESSAGES = """
import resource, sys
from mirastack_sdk._runtime.freed_memory import keep_freed_memory

if sys.argv[1] == "keeping":
    keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(200):
    copies = [bytes(120_000 + 100 * number) for number in range(8)]
    del copies
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(how: str) -> int:
    result = subprocess.run(
        [sys.executable, "-c", _LARGE_MESSAGES, how], capture_output=True, text=True, check=True
    )
    return int(result.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that is taught")
def test_memory_is_fetched_once() -> None:
    """A thousand messages later hardly a page has been fetched from the system again."""
    fetched_anew, kept = _page_faults("giving back"), _page_faults("keeping")
    assert kept < fetched_anew / 10
