"""Memory of large messages is reused for the next ones."""

import platform
import subprocess
import sys

import pytest

_LARGE_MESSAGES = """
import resource
from mirastack_sdk._runtime.lifecycle import keep_freed_memory

keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(200):
    copies = [bytes(120_000 + 100 * number) for number in range(8)]
    del copies
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that is taught")
def test_memory_is_fetched_once() -> None:
    """Of 1,600 messages of 30 pages each, only the first ones allocate pages from the system.

    Without the setting of glibc, ten thousand pages and more may be allocated, or none: that
    depends on what the process has freed before.
    """
    result = subprocess.run(
        [sys.executable, "-c", _LARGE_MESSAGES], capture_output=True, text=True, check=True
    )
    assert int(result.stdout) < 1_000
