"""Texts of language models, and the values that they stand for."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, Json, NaiveDatetime

from tests.actions.convert.conversion_types import (
    NOON,
    Cat,
    Dog,
    Even,
    Filter,
    Level,
    Loose,
    Pet,
    Priority,
    Service,
    Shade,
    Small,
    Target,
    Window,
)

GOOD: Sequence[tuple[object, Mapping[str, object]]] = (
    (str, {"a": "a", "": "", " a ": " a ", "5": "5", "null": "null", '"a"': '"a"', "[1]": "[1]"}),
    (
        int,
        {
            "5": 5,
            " 5 ": 5,
            "+5": 5,
            "-5": -5,
            "5.0": 5,
            "5.": 5,
            "1e3": 1000,
            '"5"': 5,
            "007": 7,
            "123456789012345678901": 123456789012345678901,
            "1_000": 1000,
        },
    ),
    (float, {"5": 5.0, "5.5": 5.5, ".5": 0.5, "-1e-3": -0.001, '"2.5"': 2.5, " 3 ": 3.0}),
    (
        bool,
        {
            "true": True,
            "True": True,
            "YES": True,
            "on": True,
            "1": True,
            "y": True,
            "t": True,
            '"true"': True,
            "false": False,
            "FALSE": False,
            "no": False,
            "Off": False,
            "0": False,
            "n": False,
            " f ": False,
        },
    ),
    (
        Decimal,
        {
            "1.10": Decimal("1.10"),
            "5": Decimal(5),
            "0.1000000000000000000001": Decimal("0.1000000000000000000001"),
        },
    ),
    (int | None, {"5": 5, "": None, "null": None, "None": None, " NULL ": None}),
    (str | None, {"a": "a", "": None, "null": None, "none": None, "nothing": "nothing"}),
    (bool | None, {"true": True, "null": None}),
    (
        Literal["instant", "range"],
        {"range": "range", "RANGE": "range", '"range"': "range", " range ": "range"},
    ),
    (Literal["none", "all"] | None, {"none": "none", "null": None, "": None, "ALL": "all"}),
    (Literal[1, 5], {"1": 1, "5": 5, '"5"': 5}),
    (Literal["all", 1, True], {"all": "all", "1": 1, "true": True}),
    (
        Level,
        {
            "debug": Level.DEBUG,
            "DEBUG": Level.DEBUG,
            "Warning": Level.WARNING,
            "WARNING": Level.WARNING,
        },
    ),
    (Priority, {"1": Priority.LOW, "HIGH": Priority.HIGH, "high": Priority.HIGH}),
    (Shade, {"a": Shade.DARK, "A": Shade.dark, "DARK": Shade.DARK, "dark": Shade.dark}),
    (int | str, {"5": 5, "a": "a", "": "", "5.5": "5.5"}),
    (str | int, {"5": 5, "a": "a"}),
    (int | float, {"5": 5, "5.5": 5.5}),
    (str | list[str], {"a, b": "a, b", '["a"]': ["a"]}),
    (bool | int, {"true": True, "yes": True, "1": 1, "0": 0, "False": False}),
    (int | list[int], {"5": 5, "[5]": [5], "1,2": [1, 2]}),
    (date | datetime, {"2026-04-08": date(2026, 4, 8), "2026-04-08T12:00:00Z": NOON}),
    (
        datetime,
        {
            "2026-04-08T12:00:00Z": NOON,
            "2026-04-08T14:00:00+02:00": NOON,
            "2026-04-08 12:00:00": NOON,
            "2026-04-08T12:00": NOON,
            "2026-04-08": datetime(2026, 4, 8, tzinfo=UTC),
            "1775649600": NOON,
            "1775649600000": NOON,
            "1775649600.5": datetime(2026, 4, 8, 12, 0, 0, 500000, tzinfo=UTC),
            "2026-04-08T12:00:00.250Z": datetime(2026, 4, 8, 12, 0, 0, 250000, tzinfo=UTC),
        },
    ),
    (NaiveDatetime, {"2026-04-08T12:00:00": datetime(2026, 4, 8, 12)}),  # noqa: DTZ001 - naive
    (Literal[Level.ERROR], {"error": Level.ERROR, "ERROR": Level.ERROR}),
    (datetime | None, {"": None, "null": None, "2026-04-08T12:00:00Z": NOON}),
    (date, {"2026-04-08": date(2026, 4, 8), " 2026-04-08 ": date(2026, 4, 8)}),
    (time, {"12:30": time(12, 30), "12:30:15": time(12, 30, 15)}),
    (
        timedelta,
        {
            "5m": timedelta(minutes=5),
            "1h30m": timedelta(minutes=90),
            "1h 30m": timedelta(minutes=90),
            "90": timedelta(seconds=90),
            "1.5": timedelta(seconds=1.5),
            "250ms": timedelta(milliseconds=250),
            "250us": timedelta(microseconds=250),
            "250µs": timedelta(microseconds=250),
            "1h0m0s": timedelta(hours=1),
            "1.5h": timedelta(minutes=90),
            ".5s": timedelta(milliseconds=500),
            "0": timedelta(),
            "2d": timedelta(days=2),
            "1w": timedelta(weeks=1),
            "-5m": timedelta(minutes=-5),
            "PT5M": timedelta(minutes=5),
            "P1DT2H": timedelta(days=1, hours=2),
            "00:05:00": timedelta(minutes=5),
        },
    ),
    (
        uuid.UUID,
        {
            "824a1531-d24a-549c-8003-23b0f2d206cd": uuid.UUID(
                "824a1531-d24a-549c-8003-23b0f2d206cd"
            ),
            "824A1531D24A549C800323B0F2D206CD": uuid.UUID("824a1531-d24a-549c-8003-23b0f2d206cd"),
        },
    ),
    (bytes, {"YWJj": b"abc", "YWI=": b"ab", "YWI": b"ab", "": b"", "_-8=": b"\xff\xef"}),
    (
        list[str],
        {
            '["a","b"]': ["a", "b"],
            "a,b": ["a", "b"],
            "a, b ,": ["a", "b"],
            "a": ["a"],
            '"a"': ["a"],
            "[]": [],
            "[1, 2.5, true]": ["1", "2.5", "true"],
        },
    ),
    (
        list[int],
        {
            "[1,2]": [1, 2],
            "1,2": [1, 2],
            "1, 2": [1, 2],
            "7": [7],
            '["1","2"]': [1, 2],
            '"[1,2]"': [1, 2],
        },
    ),
    (list[bool], {"yes,no": [True, False], '[true,"no"]': [True, False]}),
    (list[Level], {"debug,ERROR": [Level.DEBUG, Level.ERROR], '["Debug"]': [Level.DEBUG]}),
    (list[int | None], {"[1,null]": [1, None], "1,null": [1, None]}),
    (list[list[int]], {"[[1],[2,3]]": [[1], [2, 3]], '["1,2",3]': [[1, 2], [3]]}),
    (list[datetime], {"[1775649600]": [NOON], "2026-04-08T12:00:00Z": [NOON]}),
    (list[Window], {'[{"limit":1}]': [Window(1)], '{"limit":"1"}': [Window(1)]}),
    (tuple[str, int], {'["a",1]': ("a", 1), "a,1": ("a", 1), '["a","1"]': ("a", 1)}),
    (tuple[int, ...], {"1,2,3": (1, 2, 3), "[]": ()}),
    (set[str], {"a,b,a": {"a", "b"}, '["a"]': {"a"}}),
    (frozenset[int], {"[1,1,2]": frozenset({1, 2})}),
    (Sequence[str], {"a,b": ["a", "b"]}),
    (
        dict[str, int],
        {'{"a":1}': {"a": 1}, '{"a":"1"}': {"a": 1}, "{}": {}, '"{\\"a\\":1}"': {"a": 1}},
    ),
    (dict[str, object], {'{"a":[1,{"b":null}]}': {"a": [1, {"b": None}]}}),
    (dict[int, str], {'{"1":"a"}': {1: "a"}}),
    (dict[str, list[int]], {'{"a":"1,2"}': {"a": [1, 2]}}),
    (
        Window,
        {
            '{"limit":5}': Window(5),
            '{"limit":"5","offset":"1.0"}': Window(5, 1),
            '{"limit":5,"columns":"a,b"}': Window(5, 0, ["a", "b"]),
            ' {"limit": 5} ': Window(5),
        },
    ),
    (Window | None, {"null": None, '{"limit":5}': Window(5)}),
    (Filter, {'{"column":"a","values":[1]}': {"column": "a", "values": [1]}}),
    (
        Service,
        {
            '{"name":"a"}': Service(name="a"),
            '{"name":5,"level":"DEBUG","since":1775649600}': Service(
                name="5", level=Level.DEBUG, since=NOON
            ),
            '{"name":"a","since":"null","labels":{"a":1}}': Service(name="a", labels={"a": "1"}),
        },
    ),
    (
        Target,
        {
            '["a","5","5m"]': Target("a", 5, timedelta(minutes=5)),
            '["a"]': Target("a"),
            '{"host":"a","wait":"1h"}': Target("a", 80, timedelta(hours=1)),
            "a, 5": Target("a", 5),
        },
    ),
    (list[Target], {'[["a",1],{"host":"b"}]': [Target("a", 1), Target("b")]}),
    (Target | Window, {'{"limit":"5"}': Window(5), '{"host":"a"}': Target("a")}),
    (
        Window | Filter,
        {'{"limit":"1"}': Window(1), '{"column":"a","values":"1"}': {"column": "a", "values": [1]}},
    ),
    (Pet, {'{"kind":"CAT","lives":"3"}': Cat(kind="cat", lives=3)}),
    (
        list[Cat | Dog],
        {'[{"kind":"dog","tricks":"sit,roll"}]': [Dog(kind="dog", tricks=["sit", "roll"])]},
    ),
    (dict[Level, int], {'{"ERROR":"1"}': {Level.ERROR: 1}}),
    (dict[Priority, int], {'{"1":1,"high":2}': {Priority.LOW: 1, Priority.HIGH: 2}}),
    (dict[Literal["a", "b"], str], {'{"A":1}': {"a": "1"}}),
    (dict[date, int], {'{"2026-04-08":1}': {date(2026, 4, 8): 1}}),
    (dict[Annotated[str, Field(pattern="^a")], list[int]], {'{"ab":"1,2"}': {"ab": [1, 2]}}),
    (Json[list[int]], {"[1,2]": [1, 2]}),
    (Even, {"4": 4, "4.0": 4}),
    (Small, {"1": 1, "9": 9}),
    (Annotated[str, Field(pattern="^[a-z]+$")], {"abc": "abc"}),
    # A JSON string stays a string wherever the type allows one.
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
)
"""Types, and texts with the values that they stand for."""
