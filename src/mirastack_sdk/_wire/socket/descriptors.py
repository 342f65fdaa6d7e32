"""The file descriptors of the process, which limit how many connections it can have."""

import os
import sys

_OPEN = "/dev/fd"
# If the system does not list the open descriptors.
_ASSUMED_OPEN = 32
# For the engine, and for the files and connections of running calls.
_LEAST_RESERVE = 16
_MOST_RESERVE = 256
_RESERVED_SHARE = 0.25


def descriptor_limit() -> int | None:
    """Return how many descriptors the process may have open, `None` if that is not limited."""
    if sys.platform == "win32":
        return None
    # RLIMIT_NOFILE, without loading `resource`.
    limit = os.sysconf("SC_OPEN_MAX")
    return None if limit < 0 else limit


def spare_descriptors(limit: int) -> int:
    """Return how many of `limit` descriptors connections may use: at least one.

    The ones that are open now do not count, and some are held in reserve for running calls.
    """
    reserve = min(max(_LEAST_RESERVE, int(limit * _RESERVED_SHARE)), _MOST_RESERVE)
    return max(1, limit - _open_descriptors() - reserve)


def _open_descriptors() -> int:
    try:
        return len(os.listdir(_OPEN))
    except OSError:
        return _ASSUMED_OPEN
