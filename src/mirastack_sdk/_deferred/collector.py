"""The garbage collector, which need not look at what an import creates."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Python 3.12 freezes some hundred objects when it starts, whose number it does not tell.
_FROZEN_BY_PYTHON = 1_000


@contextmanager
def deferred_collection() -> Iterator[None]:
    """Collect no garbage while modules are imported.

    What an import creates stays until the process ends, and looking through it thirty times was a
    thirtieth of an agent's start. Afterwards it counts as old, as if it had outlived these
    collections. A collector that is off stays off.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # The only way to move objects to the oldest generation without looking at each. What the
        # program has frozen itself would thaw with them.
        if gc.get_freeze_count() < _FROZEN_BY_PYTHON:
            gc.freeze()
            gc.unfreeze()
        gc.enable()
