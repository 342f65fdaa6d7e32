"""The differences between two values of JSON, each named by its path."""

import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from enum import Enum

from mirastack_sdk._core.redaction.rules import SECRET
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.recording.json_form import JSON, JSON_DUMPS, JSON_TEXT, mark_of, parsed
from mirastack_sdk._runtime.recording.message_form import CUT
from mirastack_sdk._text import compact_json, one_line

# Aligning two lists takes time that grows with the square of their lengths.
_MOST_ALIGNED = 1_000
_SHOWN = 120
# What is shown of two long texts before the place where they begin to differ.
_SHOWN_BEFORE = 30


class Missing(Enum):
    """Stands for a value that is only in the other run."""

    MISSING = "nothing"


MISSING = Missing.MISSING
"""Stands for a value that is only in the other run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place where the recording and the replay differ; `str()` gives it as one line.

    `path` names the place in the recording, as in `response.result.windows[3].highest`. `recorded`
    and `now` are the values there, or `MISSING`.
    """

    path: str
    recorded: object
    now: object

    def __str__(self) -> str:
        recorded, now = _shown_pair(self.recorded, self.now)
        return f"{self.path}: recorded {recorded}, now {now}"


def differences(recorded: object, now: object, path: str) -> Iterator[Difference]:
    """Yield the differences between two forms. Text that was hidden equals any other."""
    recorded, now = _unmarked(recorded, now)
    is_cut = CUT in {mark_of(recorded), mark_of(now)}
    if isinstance(recorded, dict) and isinstance(now, dict) and not is_cut:
        for name in dict.fromkeys((*recorded, *now)):
            inner = _joined(path, name)
            yield from differences(recorded.get(name, MISSING), now.get(name, MISSING), inner)
    elif isinstance(recorded, list) and isinstance(now, list):
        yield from _list_differences(recorded, now, path)
    elif not _is_same(recorded, now):
        yield Difference(path=path, recorded=recorded, now=now)


def are_same(recorded: object, now: object) -> bool:
    """Whether two forms do not differ."""
    return next(differences(recorded, now, ""), None) is None


def without_ignored(found: Iterator[Difference], patterns: Collection[str]) -> Iterator[Difference]:
    """The differences at places that no pattern names: `*` stands for any text within a path.

    A pattern also names what is inside of the place.
    """
    expressions = [
        re.compile(re.escape(pattern).replace(r"\*", ".*") + r"(?:[.\[].*)?")
        for pattern in patterns
    ]
    for difference in found:
        if not any(expression.fullmatch(difference.path) for expression in expressions):
            yield difference


def _joined(path: str, name: str) -> str:
    plain = re.fullmatch(r"\w[\w-]*", name)
    step = f".{name}" if plain else f"[{compact_json(name)}]"
    return step.removeprefix(".") if not path else path + step


def _unmarked(recorded: object, now: object) -> tuple[object, object]:
    """Two forms without the marks of JSON that was text, which may be on one side only."""
    is_text = {JSON_TEXT, JSON_DUMPS} & {mark_of(recorded), mark_of(now)}
    if is_text:
        return _inner(recorded), _inner(now)
    if mark_of(recorded) == JSON and mark_of(now) == JSON:
        return _inner(recorded), _inner(now)
    return recorded, now


def _inner(form: object) -> object:
    if isinstance(form, str):
        try:
            return parsed(form)
        except ValueError:
            return form
    if mark_of(form) in {JSON, JSON_TEXT, JSON_DUMPS} and isinstance(form, dict):
        return next(iter(form.values()))
    return form


def _is_same(recorded: object, now: object) -> bool:
    if isinstance(recorded, str) and isinstance(now, str) and SECRET in recorded:
        parts = map(re.escape, recorded.split(SECRET))
        return re.fullmatch(".*".join(parts), now, re.DOTALL) is not None
    if isinstance(recorded, bool) or isinstance(now, bool):
        return recorded is now
    # A number that was hidden has become text.
    return recorded in (SECRET, now)


def _list_differences(recorded: list[object], now: list[object], path: str) -> Iterator[Difference]:
    if len(recorded) == len(now) or max(len(recorded), len(now)) > _MOST_ALIGNED:
        yield from _in_order(recorded, now, path, 0)
        return
    matcher = SequenceMatcher(
        a=[compact_json(item) for item in recorded],
        b=[compact_json(item) for item in now],
        autojunk=False,
    )
    for kind, start, end, now_start, now_end in matcher.get_opcodes():
        if kind != "equal":
            yield from _in_order(recorded[start:end], now[now_start:now_end], path, start)


def _in_order(
    recorded: list[object], now: list[object], path: str, first: int
) -> Iterator[Difference]:
    for index in range(max(len(recorded), len(now))):
        one = recorded[index] if index < len(recorded) else MISSING
        other = now[index] if index < len(now) else MISSING
        yield from differences(one, other, f"{path}[{first + index}]")


def _shown_pair(recorded: object, now: object) -> tuple[str, str]:
    if isinstance(recorded, str) and isinstance(now, str):
        start = _first_difference(recorded, now)
        if start > _SHOWN_BEFORE and max(len(recorded), len(now)) > _SHOWN:
            start -= _SHOWN_BEFORE
            return _shown("…" + recorded[start:]), _shown("…" + now[start:])
    return _shown(recorded), _shown(now)


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _shown(value: object) -> str:
    return MISSING.value if value is MISSING else one_line(compact_json(value), _SHOWN)
