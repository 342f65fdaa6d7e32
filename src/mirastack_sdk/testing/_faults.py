"""Which of the coming calls go wrong, in the order a test has asked for."""

from collections import deque
from collections.abc import Collection

__all__ = ["FaultPlan"]


class FaultPlan[Fault]:
    """Faults ordered for methods: those for the next calls first, then the standing one.

    A method that is not among `methods` is a `ValueError` that names them.
    """

    def __init__(self, methods: Collection[str]) -> None:
        self._methods = frozenset(methods)
        self._coming: dict[str, deque[Fault]] = {}
        self._standing: dict[str, Fault] = {}

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of `method` go wrong, after those ordered before."""
        self._check(method)
        if times < 1:
            raise ValueError(f"times must be 1 or more, not {times!r}")
        self._coming.setdefault(method, deque()).extend([fault] * times)

    def always(self, method: str, fault: Fault) -> None:
        """Let every call of `method` go wrong that no `next` order takes."""
        self._check(method)
        self._standing[method] = fault

    def clear(self, method: str | None = None) -> None:
        """Forget what was ordered for `method`, or for all of them."""
        if method is None:
            self._coming.clear()
            self._standing.clear()
            return
        self._check(method)
        self._coming.pop(method, None)
        self._standing.pop(method, None)

    def take(self, method: str) -> Fault | None:
        """The fault of the call of `method` that is being made now, if it has one."""
        coming = self._coming.get(method)
        if coming:
            return coming.popleft()
        return self._standing.get(method)

    def _check(self, method: str) -> None:
        if method not in self._methods:
            known = ", ".join(sorted(self._methods))
            raise ValueError(f"there is no method {method!r}; the methods are {known}")
