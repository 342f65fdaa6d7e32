"""JSON strings that stay strings, because the type allows one."""

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from tests.actions.convert.conversion_types import UUID, Loose, Nested, Pair, Texts

STRINGS: Sequence[tuple[object, Mapping[str, object]]] = (
    (
        dict[str, float | str],
        {'{"a": "1.10", "b": 1.5, "c": "x"}': {"a": "1.10", "b": 1.5, "c": "x"}},
    ),
    (
        list[str | None],
        {
            '["none", "null", "", null]': ["none", "null", "", None],
            "a, none": ["a", None],
        },
    ),
    (list[int | None], {'["none", "5", null]': [None, 5, None]}),
    (list[int | str], {'["007", 7]': ["007", 7], "007, x": [7, "x"]}),
    (list[bool | str], {'["yes", "true", true]': ["yes", "true", True]}),
    (list[bytes | str], {'["abcd"]': ["abcd"]}),
    (list[datetime | str], {'["2026-04-08"]': ["2026-04-08"]}),
    (list[list[str] | str], {'["[1]", ["a,b"]]': ["[1]", ["a,b"]]}),
    (list[dict[str, str] | str], {'["{}", {}]': ["{}", {}]}),
    (list[PurePosixPath | int], {'["12", 12]': [PurePosixPath("12"), 12]}),
    (list[object | None], {'["none", null]': ["none", None]}),
    (list[Literal[1] | str], {'["1", 1]': ["1", 1]}),
    (dict[str, list[str] | str], {'{"a": "b, c"}': {"a": "b, c"}}),
    (Loose, {'{"value": "1.10", "note": "none"}': Loose(value="1.10", note="none")}),
    (tuple[int | str, ...], {'["1.10", "7", 7]': ("1.10", "7", 7)}),
    (set[int | str], {'["007"]': {"007"}}),
    (deque[str | None], {'["none", null]': deque(["none", None])}),
    (Pair, {'["007", "none"]': Pair("007", "none"), '{"value": "007"}': Pair("007")}),
    (Texts, {'{"a": "5", "b": "none", "c": 5}': Texts({"a": "5", "b": "none", "c": 5})}),
    (Nested, {'["1", 1, {"a": "2"}]': ["1", 1, {"a": "2"}]}),
    (list[timedelta | str], {'["5m"]': ["5m"]}),
    (list[uuid.UUID | str], {'["824a1531-d24a-549c-8003-23b0f2d206cd"]': [UUID]}),
    (list[Fraction | str], {'["1/3"]': ["1/3"]}),
    (list[object], {'["5", "none", "true"]': ["5", "none", "true"]}),
    (dict[str, Sequence[str | bool]], {'{"a": ["true", true]}': {"a": ["true", True]}}),
    (list[Annotated[str, Field(max_length=3)] | int], {'["100"]': ["100"]}),
    (list[Literal["none"] | None], {'["none", null]': ["none", None]}),
)
"""Types, and texts with the values that they stand for."""
