"""The faults that a test has ordered for coming calls."""

from collections import deque
from collections.abc import Collection


class FaultPlan[Fault]:
    """The faults ordered for each method: first those for the next calls, then the permanent one.

    Raises `ValueError` for a method that is not among `methods`.
    """

    def __init__(self, methods: Collection[str]) -> None:
        self._methods = frozenset(methods)
        self._next: dict[str, deque[Fault]] = {}
        self._permanent: dict[str, Fault] = {}

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Apply `fault` to `times` calls of `method`, after those ordered before."""
        self._check(method)
        if times < 1:
            raise ValueError(f"times must be 1 or more, not {times!r}")
        self._next.setdefault(method, deque()).extend([fault] * times)

    def always(self, method: str, fault: Fault) -> None:
        """Apply `fault` to every call of `method` that has no other fault."""
        self._check(method)
        self._permanent[method] = fault

    def clear(self, method: str | None = None) -> None:
        """Remove the faults of `method`, or of all methods."""
        if method is None:
            self._next.clear()
            self._permanent.clear()
            return
        self._check(method)
        self._next.pop(method, None)
        self._permanent.pop(method, None)

    def take(self, method: str) -> Fault | None:
        """Take the fault of the current call of `method`, or `None`."""
        queued = self._next.get(method)
        if queued:
            return queued.popleft()
        return self._permanent.get(method)

    def _check(self, method: str) -> None:
        if method not in self._methods:
            known = ", ".join(sorted(self._methods))
            raise ValueError(f"there is no method {method!r}; the methods are {known}")
