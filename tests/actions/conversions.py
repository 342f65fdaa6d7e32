"""What language models write, and what becomes of it: values, and sentences for what is wrong."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal, NotRequired, TypedDict

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, Field


class Level(enum.Enum):
    """How bad something is."""

    DEBUG = "debug"
    WARNING = "warning"
    ERROR = "error"


class Priority(enum.IntEnum):
    """How soon something is to be done."""

    LOW = 1
    HIGH = 2


class Shade(enum.Enum):
    """Two members that only case tells apart."""

    DARK = "a"
    dark = "A"


@dataclass
class Window:
    """A part of something large."""

    limit: Annotated[int, Field(ge=1)]
    offset: int = 0
    columns: list[str] = field(default_factory=list)


class Filter(TypedDict):
    """What is to be kept."""

    column: str
    values: list[int]
    negated: NotRequired[bool]


class Service(BaseModel):
    """Something that runs."""

    name: str
    level: Level = Level.ERROR
    since: datetime | None = None
    labels: dict[str, str] = {}


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


type Even = Annotated[int, AfterValidator(_even)]
type Small = Annotated[int, Ge(1), Le(9)]

NOON = datetime(2026, 4, 8, 12, tzinfo=UTC)

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
    (Even, {"4": 4, "4.0": 4}),
    (Small, {"1": 1, "9": 9}),
    (Annotated[str, Field(pattern="^[a-z]+$")], {"abc": "abc"}),
)
"""Types, and texts with the values that they stand for."""

_WINDOW = "object {limit: integer (>= 1), offset?: integer = 0, columns?: array of string}"
_MOMENT = "string (date and time such as 2026-04-08T12:00:00Z)"
_DURATION = "string (duration such as 5m, 1h30m or PT5M)"
_LEVELS = '"debug" | "warning" | "error"'

BAD: Sequence[tuple[object, Mapping[str, tuple[str, ...]]]] = (
    (
        int,
        {
            "ten": ('x: expected integer, got "ten"',),
            "5.5": ('x: expected integer, got "5.5"',),
            "1,000": ('x: expected integer, got "1,000"',),
            "": ("x is required: expected integer",),
            "  ": ("x is required: expected integer",),
            "null": ('x: expected integer, got "null"',),
            "true": ('x: expected integer, got "true"',),
            "[1]": ('x: expected integer, got "[1]"',),
            "1e400": ('x: expected integer, got "1e400"',),
            "9" * 5000: ('x: expected integer, got "' + "9" * 78 + "…",),
            "\x00": ('x: expected integer, got "\\u0000"',),
        },
    ),
    (
        float,
        {
            "abc": ('x: expected number, got "abc"',),
            "NaN": ('x: expected number, got "NaN"',),
            "inf": ('x: expected number, got "inf"',),
            "-Infinity": ('x: expected number, got "-Infinity"',),
            "1e999": ('x: expected number, got "1e999"',),
            "": ("x is required: expected number",),
            "1,5": ('x: expected number, got "1,5"',),
        },
    ),
    (
        bool,
        {
            "maybe": ('x: expected boolean, got "maybe"',),
            "2": ('x: expected boolean, got "2"',),
            "": ("x is required: expected boolean",),
        },
    ),
    (Decimal, {"x": ('x: expected number, got "x"',), "NaN": ('x: expected number, got "NaN"',)}),
    (int | None, {"x": ('x: expected integer or null, got "x"',)}),
    (
        Literal["instant", "range"],
        {
            "ranges": ('x: expected "instant" | "range", got "ranges"; did you mean range?',),
            "": ('x is required: expected "instant" | "range"',),
            "now": ('x: expected "instant" | "range", got "now"',),
            "null": ('x: expected "instant" | "range", got "null"',),
        },
    ),
    (Literal[1, 5], {"2": ('x: expected 1 | 5, got "2"',)}),
    (
        Level,
        {
            "warnin": (f'x: expected {_LEVELS}, got "warnin"; did you mean warning?',),
            "fatal": (f'x: expected {_LEVELS}, got "fatal"',),
            "7": (f'x: expected {_LEVELS}, got "7"',),
        },
    ),
    (Level | None, {"x": (f'x: expected {_LEVELS} | null, got "x"',)}),
    (Shade, {"Dark": ('x: expected "a" | "A", got "Dark"',)}),
    (int | float, {"x": ('x: expected integer or number, got "x"',)}),
    (
        int | list[int],
        {"a": ('x: expected integer or array of integer, got "a"',)},
    ),
    (
        datetime,
        {
            "yesterday": (f'x: expected {_MOMENT}, got "yesterday"',),
            "2026-13-01T00:00:00Z": (f'x: expected {_MOMENT}, got "2026-13-01T00:00:00Z"',),
            "": (f"x is required: expected {_MOMENT}",),
            "now-1h": (f'x: expected {_MOMENT}, got "now-1h"',),
            "9" * 30: (f'x: expected {_MOMENT}, got "{"9" * 30}"',),
        },
    ),
    (
        date,
        {
            "08.04.2026": ('x: expected string (date such as 2026-04-08), got "08.04.2026"',),
            "2026-02-30": ('x: expected string (date such as 2026-04-08), got "2026-02-30"',),
        },
    ),
    (time, {"25:00": ('x: expected string (time such as 12:00:00), got "25:00"',)}),
    (
        timedelta,
        {
            "soon": (f'x: expected {_DURATION}, got "soon"',),
            "5 minutes": (f'x: expected {_DURATION}, got "5 minutes"',),
            "m5": (f'x: expected {_DURATION}, got "m5"',),
            "999999999999w": (f'x: expected {_DURATION}, got "999999999999w"',),
        },
    ),
    (uuid.UUID, {"x": ('x: expected string (UUID), got "x"',)}),
    (
        bytes,
        {
            "a b": ('x: expected string (base64), got "a b"',),
            "é": ('x: expected string (base64), got "é"',),
            "YQ=a": ('x: expected string (base64), got "YQ=a"',),
        },
    ),
    (
        list[int],
        {
            "1,x": ('x[1]: expected integer, got "x"',),
            "[1,": ('x: expected array of integer, got "[1,"',),
            "": ("x is required: expected array of integer",),
            '["a","b"]': ('x[0]: expected integer, got "a"', 'x[1]: expected integer, got "b"'),
            "[null]": ("x[0]: expected integer, got null",),
            "[1.5]": ("x[0]: expected integer, got 1.5",),
            "[[1]]": ("x[0]: expected integer, got [1]",),
            "{}": ('x: expected array of integer, got "{}"',),
        },
    ),
    (
        list[Level],
        {"debug,eror": (f'x[1]: expected {_LEVELS}, got "eror"; did you mean error?',)},
    ),
    (list[list[int]], {"1,2": ('x: expected array of array of integer, got "1,2"',)}),
    (list[bytes], {"YQ==,?": ('x[1]: expected string (base64), got "?"',)}),
    (list[float], {"1,nan": ('x[1]: expected number, got "nan"',)}),
    (
        tuple[str, int],
        {
            "a": ("x[1] is required: expected integer",),
            "a,b": ('x[1]: expected integer, got "b"',),
            "a,1,2": ('x: expected array [string, integer], got ["a", 1, "2"]',),
        },
    ),
    (
        dict[str, int],
        {
            "a": ('x: expected object {[name]: integer}, got "a"',),
            '{"a":"b"}': ('x.a: expected integer, got "b"',),
            "[]": ('x: expected object {[name]: integer}, got "[]"',),
            "{a:1}": ('x: expected object {[name]: integer}, got "{a:1}"',),
            "{'a':1}": ("x: expected object {[name]: integer}, got \"{'a':1}\"",),
            '{"a":NaN}': ('x: expected object {[name]: integer}, got "{\\"a\\":NaN}"',),
            "": ("x is required: expected object {[name]: integer}",),
        },
    ),
    (
        Window,
        {
            "{}": ("x.limit is required: expected integer (>= 1)",),
            '{"limit":0}': ("x.limit: expected integer (>= 1), got 0",),
            '{"limit":"a","offset":"b"}': (
                'x.limit: expected integer (>= 1), got "a"',
                'x.offset: expected integer, got "b"',
            ),
            '{"limit":1,"ofset":2}': ("x.ofset is unknown here",),
            "5": (f'x: expected {_WINDOW}, got "5"',),
            "limit=5": (f'x: expected {_WINDOW}, got "limit=5"',),
            '{"limit":1,"columns":[{}]}': ("x.columns[0]: expected string, got {}",),
        },
    ),
    (
        list[Window],
        {
            '[{"limit":1},{"limit":-1}]': ("x[1].limit: expected integer (>= 1), got -1",),
            "[5]": (f"x[0]: expected {_WINDOW}, got 5",),
            '[{"limit":1,"a":1}]': ("x[0].a is unknown here",),
        },
    ),
    (
        Window | int,
        {
            "a": (f'x: expected {_WINDOW} or integer, got "a"',),
            '{"offset":1}': ("x.limit is required: expected integer (>= 1)",),
        },
    ),
    (
        Filter,
        {
            '{"column":"a"}': ("x.values is required: expected array of integer",),
            '{"column":"a","values":"b"}': ('x.values[0]: expected integer, got "b"',),
            '{"column":"a","values":[1],"negated":"perhaps"}': (
                'x.negated: expected boolean, got "perhaps"',
            ),
        },
    ),
    (
        Service,
        {
            '{"name":null}': ("x.name: expected string, got null",),
            '{"name":"a","level":"eror"}': (
                f'x.level: expected {_LEVELS}, got "eror"; did you mean error?',
            ),
            '{"name":"a","since":"then"}': (f'x.since: expected {_MOMENT} or null, got "then"',),
            '{"name":"a","labels":{"b":{}}}': ("x.labels.b: expected string, got {}",),
        },
    ),
    (Even, {"5": ("x: must be even, got 5",), "a": ('x: expected integer, got "a"',)}),
    (
        Small,
        {
            "0": ("x: expected integer (>= 1, <= 9), got 0",),
            "10": ("x: expected integer (>= 1, <= 9), got 10",),
        },
    ),
    (
        Annotated[str, Field(pattern="^[a-z]+$", max_length=3)],
        {
            "ABC": ('x: expected string (at most 3 characters, matching ^[a-z]+$), got "ABC"',),
            "a" * 200: (
                "x: expected string (at most 3 characters, matching ^[a-z]+$), got "
                '"' + "a" * 78 + "…",
            ),
        },
    ),
    (
        Annotated[list[int], Field(min_length=2)],
        {"1": ("x: expected array of integer (at least 2 items), got [1]",)},
    ),
)
"""Types, and texts with every sentence that they are answered with."""
