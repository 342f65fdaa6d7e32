"""The comparison of a recorded execution with its replay."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence

from mirastack_sdk._runtime.recording.message_form import Form
from mirastack_sdk._text import compact_json
from mirastack_sdk.testing._replay.differences import (
    MISSING,
    Difference,
    are_same,
    differences,
)

# How long something took is no difference.
_NOT_COMPARED = frozenset({"duration_ms"})


def run_differences(recorded: Form, now: Form) -> Iterator[Difference]:
    """Yield what differs: the calls of the engine, in any order, and the response."""
    yield from _call_differences(_calls(recorded), _calls(now))
    if recorded["outcome"] != now["outcome"]:
        yield Difference(path="outcome", recorded=recorded["outcome"], now=now["outcome"])
        return
    yield from differences(_compared(recorded["response"]), _compared(now["response"]), "response")


def _compared(response: object) -> object:
    if not isinstance(response, dict):
        return response
    return {name: value for name, value in response.items() if name not in _NOT_COMPARED}


def _calls(form: Form) -> list[Form]:
    calls = form["calls"]
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def _call_differences(recorded: Sequence[Form], now: Sequence[Form]) -> Iterator[Difference]:
    pairs, missing, more = _paired(recorded, now)
    for index, other in pairs:
        one = recorded[index]
        yield from differences(one["request"], now[other]["request"], f"calls[{index}].request")
    for index in missing:
        yield Difference(path=f"calls[{index}]", recorded=_named(recorded[index]), now=MISSING)
    for index in more:
        yield Difference(path="calls", recorded=MISSING, now=_named(now[index]))


def _named(call: Form) -> object:
    return {str(call["method"]): call["request"]}


def _paired(
    recorded: Sequence[Form], now: Sequence[Form]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair the calls that are the same, then those of the same method, both in their order.

    Returns the pairs that are not the same, and the calls of either run that are left.
    """
    left, other = _without_equal(recorded, now)
    left, other, _ = _without_pairs(recorded, now, left, other, _are_same_calls)
    left, other, changed = _without_pairs(recorded, now, left, other, _have_same_method)
    return changed, left, other


def _without_equal(recorded: Sequence[Form], now: Sequence[Form]) -> tuple[list[int], list[int]]:
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for index, call in enumerate(now):
        waiting[compact_json(_named(call))].append(index)
    left: list[int] = []
    for index, call in enumerate(recorded):
        if same := waiting[compact_json(_named(call))]:
            same.popleft()
        else:
            left.append(index)
    return left, sorted(index for same in waiting.values() for index in same)


def _without_pairs(
    recorded: Sequence[Form],
    now: Sequence[Form],
    left: Sequence[int],
    other: Sequence[int],
    is_pair: Callable[[Form, Form], bool],
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Pair each call with the first that fits; returns what both sides have left, and the pairs."""
    rest, unpaired = list(other), list[int]()
    pairs: list[tuple[int, int]] = []
    for index in left:
        found = next((one for one in rest if is_pair(recorded[index], now[one])), None)
        if found is None:
            unpaired.append(index)
        else:
            rest.remove(found)
            pairs.append((index, found))
    return unpaired, rest, pairs


def _have_same_method(recorded: Form, now: Form) -> bool:
    return recorded["method"] == now["method"]


def _are_same_calls(recorded: Form, now: Form) -> bool:
    return _have_same_method(recorded, now) and are_same(recorded["request"], now["request"])
