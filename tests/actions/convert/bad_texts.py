"""Wrong texts of language models, and the sentences that report them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, Json

from tests.actions.convert.conversion_types import (
    Cat,
    Dog,
    Even,
    Filter,
    Level,
    Magic,
    Numbers,
    Pet,
    Price,
    Priority,
    Service,
    Shade,
    Small,
    Span,
    Target,
    Weight,
    Window,
)

_WINDOW = "object {limit: integer (>= 1), offset?: integer = 0, columns?: array of string}"
_FILTER = "object {column: string, values: array of integer, negated?: boolean}"
_TARGET = (
    "array [host: string, port?: integer = 80 (From 1 to 65535), "
    "wait?: string (duration such as 5m, 1h30m or PT5M) or null]"
)
_MOMENT = "string (date and time such as 2026-04-08T12:00:00Z)"
_DURATION = "string (duration such as 5m, 1h30m or PT5M)"
_LEVELS = '"debug" | "warning" | "error"'

BAD: Sequence[tuple[object, Mapping[str, tuple[str, ...]]]] = (
    (
        list[float],
        {
            '[1e999, "inf", 1]': (
                "x[0]: expected number, got Infinity",
                'x[1]: expected number, got "inf"',
            )
        },
    ),
    (list[list[float]], {"[[-1e400]]": ("x[0][0]: expected number, got -Infinity",)}),
    (dict[str, float], {'{"a": 1e999}': ("x.a: expected number, got Infinity",)}),
    (dict[str, object], {'{"a": [1e999]}': ("x.a[0]: expected any JSON, got Infinity",)}),
    (set[float], {"[1e999]": ("x[0]: expected number, got Infinity",)}),
    (tuple[float, str], {'[1e999, "a"]': ("x[0]: expected number, got Infinity",)}),
    (list[float | None], {"[1e999]": ("x[0]: expected number or null, got Infinity",)}),
    (list[Decimal], {"[1e999]": ("x[0]: expected number, got 1E+999",)}),
    (dict[float, int], {'{"inf": 1}': ("x.inf is not allowed here",)}),
    (Window | list[float], {"[1e999]": ("x[0]: expected number, got Infinity",)}),
    (Iterable[int], {'[1, "x"]': ('x[1]: expected integer, got "x"',)}),
    (Iterator[int], {"x": ('x[0]: expected integer, got "x"',)}),
    (Iterable[Iterable[int]], {'[[1], ["y"]]': ('x[1][0]: expected integer, got "y"',)}),
    (dict[str, Iterable[int]], {'{"a": ["x"]}': ('x.a[0]: expected integer, got "x"',)}),
    (Iterable[int] | None, {"x": ('x[0]: expected integer, got "x"',)}),
    (Numbers, {"x": ('x[0]: expected integer, got "x"',)}),
    (
        Annotated[Iterable[int], Field(min_length=2)],
        {"1": ("x: expected array of integer (at least 2 items), got [1]",)},
    ),
    (
        datetime,
        {
            text: (f'x: expected {_MOMENT}, got "{text}"',)
            for text in ("20261340", "2026", "202604", "2026098", "2026W153", "20260408T12")
        },
    ),
    (list[datetime], {"[2026]": (f"x[0]: expected {_MOMENT}, got 2026",)}),
    (date, {"20260230": ('x: expected string (date such as 2026-04-08), got "20260230"',)}),
    (Weight, {"3": ('x: expected 1 (LIGHT) | 2 (HEAVY), got "3"',)}),
    (
        list[Span],
        {
            '[[0, 6], "LNG"]': (
                "x[0]: expected [0,5] (SHORT) | [5,60] (LONG), got [0, 6]",
                'x[1]: expected [0,5] (SHORT) | [5,60] (LONG), got "LNG"; did you mean LONG?',
            )
        },
    ),
    (Price, {"1.11": ('x: expected "1.10" | "20", got "1.11"; did you mean 1.10?',)}),
    (Magic, {"gz": ('x: expected "H4s=", got "gz"',)}),
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
            '{"limit":1,"ofset":2}': ("x.ofset is not allowed here",),
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
            '[{"limit":1,"a":1}]': ("x[0].a is not allowed here",),
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
        Target,
        {
            "[]": ("x.host is required: expected string",),
            '["a","b"]': ('x.port: expected integer, got "b"',),
            '{"port":1}': ("x.host is required: expected string",),
            '{"host":"a","prot":1}': ("x.prot is not allowed here, got 1",),
            '["a",1,null,2]': ("x[3] is not allowed here",),
            "a": (f'x: expected {_TARGET}, got "a"',),
        },
    ),
    (
        list[Target],
        {'["a",1]': (f'x[0]: expected {_TARGET}, got "a"', f"x[1]: expected {_TARGET}, got 1")},
    ),
    (
        Window | Filter,
        {
            '{"q":1}': (f'x: expected {_WINDOW} or {_FILTER}, got {{"q": 1}}',),
            '{"limit":0}': ("x.limit: expected integer (>= 1), got 0",),
        },
    ),
    (
        Pet,
        {
            '{"kind":"bird"}': ('x.kind: expected "cat" | "dog", got "bird"',),
            '{"lives":1}': ('x.kind is required: expected "cat" | "dog"',),
            '{"kind":"cat","lives":"x"}': ('x.lives: expected integer, got "x"',),
            '{"kind":"cats"}': ('x.kind: expected "cat" | "dog", got "cats"; did you mean cat?',),
        },
    ),
    (Cat | Dog, {'{"kind":"cat","lives":"x"}': ('x.lives: expected integer, got "x"',)}),
    (
        Priority,
        {
            "3": ('x: expected 1 (LOW) | 2 (HIGH), got "3"',),
            "hihg": ('x: expected 1 (LOW) | 2 (HIGH), got "hihg"; did you mean HIGH?',),
        },
    ),
    (
        dict[Priority, int],
        {'{"mid":1}': ('x.mid: expected 1 (LOW) | 2 (HIGH) as the key, got "mid"',)},
    ),
    (dict[int, str], {'{"a":"b"}': ('x.a: expected integer as the key, got "a"',)}),
    (Json[list[int]], {"[1": ('x: expected string (JSON: array of integer), got "[1"',)}),
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
"""Types, and texts with the sentences that report them."""
