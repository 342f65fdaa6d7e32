"""Numbers in `Json` and fractions are finite and keep their digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

import pytest
from pydantic import BaseModel, Field, Json, RootModel

from tests.actions.convert.test_conversions import arguments


@dataclass
class Item:
    """Numbers in a dataclass."""

    price: Decimal
    rows: int = 0


class Order(BaseModel):
    """Numbers in a model."""

    price: Decimal | None
    labels: dict[str, str] = {}


class Line(NamedTuple):
    """Numbers in a named tuple."""

    price: Decimal
    name: str


LARGE = 2**53 + 1

GOOD: Sequence[tuple[object, Mapping[str, object]]] = (
    (int, {f"{LARGE}.0": LARGE, f"{LARGE}e0": LARGE, "1e30": 10**30, "1.5e1": 15}),
    (list[int], {f"[{LARGE}.0, 1e30]": [LARGE, 10**30], f'["{LARGE}.0"]': [LARGE]}),
    (list[int | None], {f"[{LARGE}.0, null]": [LARGE, None]}),
    (Item, {f'{{"price": 1.10, "rows": {LARGE}.0}}': Item(Decimal("1.10"), LARGE)}),
    (
        Order,
        {
            '{"price": 1.10, "labels": {"a": 2.50}}': Order(
                price=Decimal("1.10"), labels={"a": "2.50"}
            )
        },
    ),
    (list[Line], {"[[1.10, 2.50]]": [Line(Decimal("1.10"), "2.50")]}),
    (set[Decimal], {"[1.10]": {Decimal("1.10")}}),
    (tuple[Decimal, ...] | None, {"[1.10]": (Decimal("1.10"),)}),
    (RootModel[list[Decimal]], {"[1.10]": RootModel[list[Decimal]]([Decimal("1.10")])}),
    (list[Annotated[Decimal, Field(ge=1)]], {"[1.10]": [Decimal("1.10")]}),
    (dict[Decimal, int], {'{"1.10": 1}': {Decimal("1.10"): 1}}),
    (list[str], {"[1E400, 12345678901234567890123]": ["1E400", "12345678901234567890123"]}),
    (Json[list[Decimal]], {"[1.10, 5]": [Decimal("1.10"), Decimal(5)]}),
    (
        Json[dict[str, Decimal]],
        {'{"a": 0.1000000000000000055}': {"a": Decimal("0.1000000000000000055")}},
    ),
    (Json[list[str]], {'[1.10, "a"]': ["1.10", "a"]}),
    (Annotated[tuple[Fraction, float], Json], {"[0.1, 0.1]": (Fraction(1, 10), 0.1)}),
    (Json[list[float]] | None, {"null": None, "[1e3]": [1000.0]}),
    (
        Fraction,
        {"1/3": Fraction(1, 3), "0.1": Fraction(1, 10), "5": Fraction(5), "1e-2": Fraction(1, 100)},
    ),
    (list[Fraction], {'[0.1, "1/3", 2]': [Fraction(1, 10), Fraction(1, 3), Fraction(2)]}),
    (list[Fraction | int], {"[0.1, 2]": [Fraction(1, 10), 2]}),
    (
        dict[str, Fraction],
        {'{"a": 0.10000000000000000001}': {"a": Fraction("0.10000000000000000001")}},
    ),
)
BAD: Sequence[tuple[object, Mapping[str, tuple[str, ...]]]] = (
    (
        Json[list[float]],
        {
            "[1e999]": ('x: expected string (JSON: array of number), got "[1e999]"',),
            "[NaN]": ('x: expected string (JSON: array of number), got "[NaN]"',),
            "[-Infinity]": ('x: expected string (JSON: array of number), got "[-Infinity]"',),
        },
    ),
    (Json[list[object]], {"[[1e999]]": ('x: expected string (JSON: array), got "[[1e999]]"',)}),
    (
        list[Json[dict[str, float]]],
        {
            '["{\\"a\\":1e999}"]': (
                'x[0]: expected string (JSON: object {[name]: number}), got "{\\"a\\":1e999}"',
            )
        },
    ),
    (
        int,
        {
            f"{LARGE}.5": (f'x: expected integer, got "{LARGE}.5"',),
            "1e9999": ('x: expected integer, got "1e9999"',),
        },
    ),
    (set[float], {"[1e400]": ("x[0]: expected number, got Infinity",)}),
    (tuple[float, int], {"[-1e400, 1]": ("x[0]: expected number, got -Infinity",)}),
    (dict[str, object], {'{"a": {"b": [1e999]}}': ("x.a.b[0]: expected any JSON, got Infinity",)}),
    (list[float | str], {"[1e999]": ("x[0]: expected number or string, got Infinity",)}),
    (float | None, {"nan": ('x: expected number or null, got "nan"',)}),
    (
        list[timedelta],
        {"[1e999]": ("x[0]: expected string (duration such as 5m, 1h30m or PT5M), got Infinity",)},
    ),
    (
        Fraction,
        {
            "1/0": ('x: expected string (fraction such as 1/3 or 0.25), got "1/0"',),
            "nan": ('x: expected string (fraction such as 1/3 or 0.25), got "nan"',),
            "1e999999999": (
                'x: expected string (fraction such as 1/3 or 0.25), got "1e999999999"',
            ),
        },
    ),
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(kind, text, value) for kind, cases in GOOD for text, value in cases.items()],
)
def test_digits_are_kept(kind: object, text: str, value: object) -> None:
    """No number passes through a float whose type is exact."""
    found = arguments(text, kind)
    assert (found.errors, found.values.get("x")) == ((), value)
    assert repr(found.values["x"]) == repr(value)


@pytest.mark.parametrize(
    ("kind", "text", "sentences"),
    [(kind, text, sentences) for kind, cases in BAD for text, sentences in cases.items()],
)
def test_what_is_not_finite_is_reported(
    kind: object, text: str, sentences: tuple[str, ...]
) -> None:
    """Infinity and NaN are no numbers of JSON, though pydantic's parser reads them."""
    assert arguments(text, kind).errors == sentences
