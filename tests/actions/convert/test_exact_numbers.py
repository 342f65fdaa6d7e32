"""Numbers in `Json` and fractions are finite and keep their digits."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import pytest
from pydantic import Json

from tests.actions.convert.test_conversions import arguments

GOOD: Sequence[tuple[object, Mapping[str, object]]] = (
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
