"""The tables, arrays and scalars of numpy, pandas, polars and pyarrow as plain Python values.

None of these packages is imported: values are recognized by the modules of their classes.
"""

import io
from collections.abc import Callable, Iterable, Mapping

type Convert = Callable[[object], object]


class UnwritableError(Exception):
    """A value that looks like a collection and is none; the text says what it is."""


def converter_of(value: object) -> Convert | None:
    """The function that makes plain Python values of values of this class, if there is one.

    Raises `UnwritableError` for a mock, an open file, and what these packages have besides data.
    """
    if isinstance(value, io.IOBase):
        raise UnwritableError("is an open file: return what is in it")
    if _is_mock(value):
        raise UnwritableError("is a mock, which stands for any value")
    for kind in type(value).__mro__:
        package = kind.__module__.partition(".")[0]
        if package == "pandas" and isinstance(value, tuple):
            return _row
        if package in _CONVERTERS:
            return _CONVERTERS[package].get(kind.__name__) or _by_its_methods(value)
    return None


def is_data(value: object) -> bool:
    """Whether the items of an iterator are data; those of a mock and an open file are not."""
    return not isinstance(value, io.IOBase) and not _is_mock(value)


def _is_mock(value: object) -> bool:
    return any(kind.__module__ == "unittest.mock" for kind in type(value).__mro__)


def _by_its_methods(value: object) -> Convert | None:
    """The converter of arrays and of scalars, which have a common interface but many classes."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return _array
    if isinstance(value, Iterable):
        raise UnwritableError(f"is of type {type(value).__name__}, which is no table of values")
    return None


def _call(value: object, name: str, *arguments: object, **options: object) -> object:
    method: Callable[..., object] = getattr(value, name)
    return method(*arguments, **options)


def _array(array: object) -> object:
    dtype: object = getattr(array, "dtype")  # noqa: B009 - of a package that is not imported
    unit = {"M": "datetime64[us]", "m": "timedelta64[us]"}.get(getattr(dtype, "kind", ""))
    if unit is not None and type(array).__module__.partition(".")[0] == "numpy":
        # In nanoseconds, its values would be numbers.
        array = _call(array, "astype", unit)
    names: tuple[str, ...] | None = getattr(dtype, "names", None)
    values = _call(array, "tolist")
    if type(values) is type(array):
        # A longdouble, for which Python has no type.
        return _call(array, "__complex__" if getattr(dtype, "kind", "") == "c" else "__float__")
    return _records(values, names) if names else values


def _records(values: object, names: tuple[str, ...]) -> object:
    if isinstance(values, list):
        return [_records(value, names) for value in values]
    return dict(zip(names, values, strict=True)) if isinstance(values, tuple) else values


def _has_labels(table: object) -> bool:
    """Whether the index of a table or a column says more than the number of the row."""
    index: object = getattr(table, "index", None)
    return type(index).__name__ != "RangeIndex" or getattr(index, "name", None) is not None


def _frame(frame: object) -> object:
    """The rows of a table of pandas, with its index unless that only counts the rows."""
    if _has_labels(frame):
        try:
            frame = _call(frame, "reset_index")
        except ValueError as error:
            raise UnwritableError(f"has a column like its index: {error}") from error
    columns = list(_items(getattr(frame, "columns", ())))
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise UnwritableError(f"has two columns named {twice!r}")
    return _rows(_call(frame, "to_dict", orient="records"))


def _rows(rows: object) -> object:
    """Rows with null in place of NaN."""
    return [
        {name: _present(cell) for name, cell in row.items()}
        for row in _items(rows)
        if isinstance(row, Mapping)
    ]


def _series(series: object) -> object:
    """The values of a column, or rows of a label and a value if it has labels."""
    if _has_labels(series):
        name: object = getattr(series, "name", None)
        return _frame(_call(series, "to_frame", "value" if name is None else name))
    return [_present(value) for value in _items(_call(series, "tolist"))]


def _index(index: object) -> object:
    return [_present(value) for value in _items(_call(index, "tolist"))]


def _row(row: object) -> object:
    """The cells of a row or of a column, with null in place of NaN."""
    return [_present(value) for value in _items(row)]


def _present(value: object) -> object:
    """A value, or null for one that is missing, which pandas writes as NaN, NaT or NA."""
    is_missing = isinstance(value, float) and value != value  # noqa: PLR0124 - only NaN is so
    return None if is_missing else value


def _items(values: object) -> Iterable[object]:
    return values if isinstance(values, Iterable) else ()


_CONVERTERS: Mapping[str, Mapping[str, Convert]] = {
    "numpy": {},
    "pandas": {
        "DataFrame": _frame,
        "Series": _series,
        "Index": _index,
        "Categorical": _index,
        "NaTType": lambda _: None,
        "NAType": lambda _: None,
        "Period": str,
    },
    "polars": {
        "DataFrame": lambda frame: _rows(_call(frame, "to_dicts")),
        "Series": lambda series: _row(_call(series, "to_list")),
    },
    "pyarrow": {
        **dict.fromkeys(("Table", "RecordBatch"), lambda table: _rows(_call(table, "to_pylist"))),
        **dict.fromkeys(("Array", "ChunkedArray"), lambda array: _row(_call(array, "to_pylist"))),
        "Scalar": lambda scalar: _present(_call(scalar, "as_py")),
    },
}
"""The converters by package and class; other classes are recognized by their methods."""
