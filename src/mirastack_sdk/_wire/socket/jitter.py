"""Random parts of waiting times, so that many agents do not do the same at the same time."""

import os

_BITS = 53


def uniform(low: float, high: float) -> float:
    """Return a number from `low` to `high`, each as likely as the others.

    The module `random` would do the same; it loads hash functions, and is seeded at import.
    """
    part = (int.from_bytes(os.urandom(8)) >> (64 - _BITS)) / (1 << _BITS)
    return low + (high - low) * part
