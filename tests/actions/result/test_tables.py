"""Tables become rows, missing values null, and scalars numbers; nothing else passes as a list."""

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from unittest.mock import AsyncMock, MagicMock, NonCallableMagicMock, call, sentinel

import pytest

from mirastack_sdk._actions.result.json_encoding import json_value
from mirastack_sdk.results import ResultError
from tests.actions.agents import new_agent

# Without their types, which would be further packages to keep.
np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

type Make = Callable[[], object]


@dataclass
class Holder:
    """A result with a table in it."""

    table: object


def table() -> object:
    """A table with a missing value of each kind."""
    moments = pd.to_datetime(["2026-04-08", None])
    return pd.DataFrame({"a": [1, 2], "b": ["x", None], "at": moments, "f": [1.5, float("nan")]})


class Frame:
    """What is used of a table of polars."""

    __module__ = "polars.dataframe.frame"

    def __init__(self, values: object) -> None:
        self._values = values

    def to_dicts(self) -> object:
        return self._values

    to_list = to_pylist = as_py = to_dicts


Frame.__name__ = "DataFrame"
Series = type("Series", (Frame,), {"__module__": "polars.series.series"})
Table = type("Table", (Frame,), {"__module__": "pyarrow.lib"})
Int64Array = type("Int64Array", (type("Array", (Frame,), {"__module__": "pyarrow.lib"}),), {})
Int64Scalar = type("Int64Scalar", (type("Scalar", (Frame,), {"__module__": "pyarrow.lib"}),), {})

ROWS = [
    {"a": 1, "b": "x", "at": "2026-04-08T00:00:00Z", "f": 1.5},
    {"a": 2, "b": None, "at": None, "f": None},
]

WRITTEN: dict[str, tuple[Make, object]] = {
    "table": (table, ROWS),
    "table-inside": (lambda: Holder(table()), {"table": ROWS}),
    "empty-table": (lambda: pd.DataFrame({"a": []}), []),
    "labelled-rows": (
        lambda: pd.DataFrame({"n": [5]}, index=pd.Index(["cart"], name="service")),
        [{"service": "cart", "n": 5}],
    ),
    "grouped": (
        lambda: pd.DataFrame({"s": ["a", "a", "b"], "n": [1, 2, 3]}).groupby("s").sum(),
        [{"s": "a", "n": 3}, {"s": "b", "n": 3}],
    ),
    "column": (lambda: pd.Series([1, 2]), [1, 2]),
    "column-with-nan": (lambda: pd.Series([1.5, None]), [1.5, None]),
    "column-of-nullable-integers": (lambda: pd.Series([1, None], dtype="Int64"), [1, None]),
    "labelled-column": (
        lambda: pd.Series([3], index=["a"], name="n"),
        [{"index": "a", "n": 3}],
    ),
    "categories": (lambda: pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
    "categories-with-nan": (lambda: pd.Categorical(["a", None]), ["a", None]),
    "rows": (lambda: pd.DataFrame({"a": [1.5, None]}).itertuples(), [[0, 1.5], [1, None]]),
    "index": (lambda: pd.Index([1, 2]), [1, 2]),
    "nat": (lambda: [pd.NaT], [None]),
    "na": (lambda: pd.NA, None),
    "timestamp": (lambda: pd.Timestamp("2026-04-08", tz="UTC"), "2026-04-08T00:00:00Z"),
    "timedelta": (lambda: pd.Timedelta("5min"), "PT5M"),
    "period": (lambda: pd.Period("2026-04"), "2026-04"),
    "array": (lambda: np.array([1, 2]), [1, 2]),
    "matrix": (lambda: np.array([[1.5, 2.0]]), [[1.5, 2.0]]),
    "array-without-dimensions": (lambda: np.array(5), 5),
    "array-of-moments": (
        lambda: np.array(["2026-04-08T12:00", "NaT"], dtype="datetime64[ns]"),
        ["2026-04-08T12:00:00Z", None],
    ),
    "array-of-objects": (lambda: np.array([Holder(1)]), [{"table": 1}]),
    "masked-array": (lambda: np.ma.array([1, 2], mask=[0, 1]), [1, None]),
    "records": (
        lambda: np.array([(1, "a")], dtype=[("n", int), ("name", "U5")]),
        [{"n": 1, "name": "a"}],
    ),
    "float32": (lambda: np.float32(1.5), 1.5),
    "float64": (lambda: np.float64(1.5), 1.5),
    "int64": (lambda: {"n": np.int64(5)}, {"n": 5}),
    "bool": (lambda: np.bool_(True), True),
    "text": (lambda: np.str_("a"), "a"),
    "datetime64": (lambda: np.datetime64("2026-04-08T12:00"), "2026-04-08T12:00:00Z"),
    "not-a-time": (lambda: np.datetime64("NaT", "ns"), None),
    "timedelta64": (lambda: np.timedelta64(5, "s"), "PT5S"),
    "keys": (lambda: {np.int64(1): 2}, {"1": 2}),
    "longdouble": (lambda: [np.longdouble(1.5)], [1.5]),
    "longdoubles": (lambda: np.array([1.5], dtype=np.longdouble), [1.5]),
    "clongdouble": (lambda: np.clongdouble(1 + 2j), "1+2j"),
    "half": (lambda: np.float16(1.5), 1.5),
    "bytes": (lambda: np.bytes_(b"a"), "YQ=="),
    "masked-value": (lambda: np.ma.masked, None),
    "matrix-of-numpy": (lambda: np.array([[[0.0]]]), [[[0.0]]]),
    "month": (lambda: np.datetime64("2026-04"), "2026-04-01T00:00:00Z"),
    "not-a-duration": (lambda: np.timedelta64("NaT", "s"), None),
    "moment-as-a-key": (lambda: {pd.Timestamp("2026-04-08"): 1}, {"2026-04-08T00:00:00Z": 1}),
    "several-labels": (
        lambda: pd.DataFrame(
            {"n": [1]}, index=pd.MultiIndex.from_tuples([("a", 1)], names=["x", "y"])
        ),
        [{"x": "a", "y": 1, "n": 1}],
    ),
    "table-in-a-cell": (
        lambda: pd.DataFrame({"a": [pd.DataFrame({"b": [1]})]}),
        [{"a": [{"b": 1}]}],
    ),
    "array-in-a-cell": (lambda: pd.DataFrame({"a": [np.array([1, 2])]}), [{"a": [1, 2]}]),
    "numbered-columns": (lambda: pd.DataFrame([[1, 2]]), [{"0": 1, "1": 2}]),
    "moments-in-a-zone": (
        lambda: pd.Series(pd.to_datetime(["2026-04-08"]).tz_localize("Asia/Tokyo")),
        ["2026-04-08T00:00:00+09:00"],
    ),
    "nullable-booleans": (lambda: pd.Series([True, None], dtype="boolean"), [True, None]),
    "sparse": (lambda: pd.Series(pd.arrays.SparseArray([0, 1])), [0, 1]),
    "polars-table": (lambda: Frame([{"a": 1.5}, {"a": float("nan")}]), [{"a": 1.5}, {"a": None}]),
    "polars-column": (lambda: Series([1.5, float("nan")]), [1.5, None]),
    "pyarrow-table": (lambda: Table([{"a": float("nan")}]), [{"a": None}]),
    "pyarrow-column": (lambda: Int64Array([1, None]), [1, None]),
    "pyarrow-scalar": (lambda: [Int64Scalar(5), Int64Scalar(None)], [5, None]),
}

REFUSED: dict[str, tuple[Make, str]] = {
    "mock": (MagicMock, "v is a mock, which stands for any value"),
    "asynchronous-mock": (AsyncMock, "v is a mock"),
    "mock-that-cannot-be-called": (NonCallableMagicMock, "v is a mock"),
    "two-columns": (
        lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        "v has two columns named 'a'",
    ),
    "groups": (lambda: pd.DataFrame({"a": [1]}).groupby("a"), "v is of type DataFrameGroupBy"),
    "infinite-cell": (lambda: pd.DataFrame({"a": [float("inf")]}), r"v\[0\].a is infinite"),
    "nan-in-an-array": (lambda: np.array([1.0, np.nan]), r"v\[1\] is NaN"),
    "complex": (lambda: np.array([complex("nan")]), r"v\[0\] is NaN"),
    "interval": (lambda: pd.Interval(0, 1), "v is of type Interval"),
    "file": (io.StringIO, "v is an open file"),
    "mock-inside": (lambda: Holder([MagicMock()]), r"v.table\[0\] is a mock"),
    "sentinel": (lambda: sentinel.anything, "v is a mock"),
    "call": (lambda: call(1), "v is a mock"),
    "rolling": (lambda: pd.Series([1]).rolling(1), "v is of type Rolling"),
    "infinite-item": (lambda: pd.Series([float("inf")]), r"v\[0\] is infinite"),
    "file-of-bytes": (lambda: [io.BytesIO()], r"v\[0\] is an open file"),
    "missing-key": (lambda: {pd.NaT: 1}, "v has a key of type NaTType"),
    "dtype": (lambda: np.dtype("int"), "v is of type Int64DType"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_is_written(case: str) -> None:
    """The value is written as plain Python values would be."""
    make, expected = WRITTEN[case]
    assert json_value(make()) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(case: str) -> None:
    """The sentence names the part."""
    make, sentence = REFUSED[case]
    with pytest.raises(ResultError, match=f"^{sentence}"):
        json_value({"v": make()})


STAND_INS: dict[str, tuple[Make, str]] = {
    "mock": (MagicMock, "the result is a mock, which stands for any value"),
    "asynchronous-mock": (AsyncMock, "the result is a mock, which stands for any value"),
    "file": (lambda: io.StringIO("a"), "the result is an open file: return what is in it"),
}


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "asynchronous"])
@pytest.mark.parametrize("case", STAND_INS)
async def test_a_mock_or_a_file_is_no_stream(case: str, *, is_async: bool) -> None:
    """Both have the methods of iterators, but their items are not what the author returned."""
    agent, (make, sentence) = new_agent(), STAND_INS[case]

    def plain() -> object:
        """Return it."""
        return make()

    async def asynchronous() -> object:
        """Return it."""
        return make()

    agent.action(name="give")(asynchronous if is_async else plain)
    with pytest.raises(ResultError, match=f"^{sentence}"):
        await agent.call("give")


async def test_an_action_returns_a_table() -> None:
    """The return type need not be one that pydantic knows."""
    agent = new_agent()

    @agent.action
    def rows() -> list[dict[str, object]]:
        """List rows."""
        found: list[dict[str, object]] = table()  # type: ignore[assignment] # a table
        return found

    assert (await agent.call("rows")).value == ROWS


def test_the_packages_are_not_imported() -> None:
    """An agent without tables does not load them."""
    script = (
        "import sys; from mirastack_sdk.agent import Agent;"
        "print({'numpy', 'pandas', 'polars', 'pyarrow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
