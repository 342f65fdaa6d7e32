"""Another time zone for this process, as an operator's machine has it."""

import contextlib
import time
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def local_time_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process have the time zone `zone`, in the form of the variable TZ."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        try:
            yield
        finally:
            patched.undo()
            time.tzset()
