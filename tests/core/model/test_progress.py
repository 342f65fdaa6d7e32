"""The progress that an author reports."""

import asyncio
import decimal
import fractions

import numpy as np
import pytest

from mirastack_sdk.plugin import Context, Progress


class Noted:
    """A context, and the progress that was reported with it."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.ctx = Context(_note=lambda _, progress: self.progress.append(progress))


@pytest.mark.parametrize(
    ("fraction", "noted"),
    [
        (0, 0.0),
        (1, 1.0),
        (0.4, 0.4),
        (None, None),
        (0.1 + 0.2, 0.30000000000000004),
        (1.0000000000000002, 1.0),
        (-1e-12, 0.0),
        (np.float32(0.5), 0.5),
        (np.int64(1), 1.0),
        (fractions.Fraction(1, 4), 0.25),
        (decimal.Decimal("0.75"), 0.75),
    ],
    ids=str,
)
async def test_a_fraction_is_any_number_from_0_to_1(
    fraction: float | None, noted: float | None
) -> None:
    """Rounding errors at the ends do not fail an action."""
    report = Noted()
    await report.ctx.progress(fraction)
    assert report.progress == [Progress(fraction=noted)]
    assert type(report.progress[0].fraction) is type(noted)


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (1.1, "1.1"),
        (-0.1, "-0.1"),
        (40, "40"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (True, "True"),
        ("0.4", "'0.4'"),
        ([1], "[1]"),
        (1j, "1j"),
        (10**400, "1000"),
        (10**5000, "one of type int"),
    ],
    ids=[
        "above",
        "below",
        "percent",
        "nan",
        "inf",
        "bool",
        "text",
        "list",
        "complex",
        "huge",
        "endless",
    ],
)
async def test_anything_else_is_refused_in_a_sentence(fraction: float, shown: str) -> None:
    """Nothing is reported, with or without an engine."""
    report = Noted()
    for ctx in (report.ctx, Context()):
        with pytest.raises(ValueError, match="fraction must be a number from 0 to 1") as caught:
            await ctx.progress(fraction)
        assert shown in str(caught.value)
        assert len(str(caught.value)) < 200
    assert report.progress == []


async def test_a_message_is_a_string() -> None:
    """A number is not made one, since its author may have mixed the arguments up."""
    with pytest.raises(ValueError, match="message must be a string, got int"):
        await Context().progress(0.4, 3)  # type: ignore[arg-type] # wrong on purpose


@pytest.mark.parametrize(
    ("message", "noted"),
    [
        ("window 3 of 7", "window 3 of 7"),
        ("two\nlines\x1b[2J", "two lines [2J"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
async def test_a_message_is_one_short_line(message: str, noted: str) -> None:
    """Those who show it get no line breaks and no terminal sequences."""
    report = Noted()
    await report.ctx.progress(None, message)
    assert report.progress == [Progress(message=noted)]


async def test_awaiting_it_lets_others_run() -> None:
    """A loop that only computes and reports does not keep the event loop to itself."""
    ran: list[int] = []
    asyncio.get_running_loop().call_soon(ran.append, 1)
    await Context().progress(0.5)
    assert ran == [1]


def test_it_need_not_be_awaited() -> None:
    """A plain function reports, without a warning, where no event loop runs."""
    report = Noted()
    report.ctx.progress(0.5, "half")
    assert report.progress == [Progress(fraction=0.5, message="half")]


def test_a_context_is_still_a_value() -> None:
    """Where its progress goes belongs neither to its text nor to its equality."""
    report = Noted()
    assert report.ctx == Context()
    assert repr(report.ctx) == repr(Context())
