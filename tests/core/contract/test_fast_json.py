"""JSON with and without the compiled libraries: the same bytes, values and sentences."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

import pydantic_core  # noqa: F401 - once it is loaded, it writes large texts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk import ExecuteResponse
from mirastack_sdk._core.contract.execute_messages import InvalidResponseError, result_json
from mirastack_sdk._core.contract.fast_json import (
    LARGE,
    PAYS_FROM,
    TextsWriter,
    fast_json,
    is_certainly_json,
    texts_in_json,
)
from mirastack_sdk._core.contract.parameters import ParamsError, parse_params
from mirastack_sdk._text import compact_json, is_well_formed, well_formed

pytest.importorskip("orjson", reason="orjson does not run on this system")

# Every character, lone surrogates included, and often those that JSON escapes.
CHARACTERS = st.characters(exclude_categories=()) | st.sampled_from('"\\/\x00\x1f\x7f\u2028\ud800')
TEXTS = st.text(CHARACTERS)
NUMBERS = st.integers() | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda values: st.lists(values) | st.dictionaries(TEXTS, values),
    max_leaves=10,
)
# What JSON is mutilated with: numbers too large for any type, what only Python reads, and garbage.
PARTS = st.sampled_from(
    ["1e400", "-0", "01", "1.", "NaN", "-Infinity", "9" * 30, "-" + "9" * 19, "\ufeff", "\\ud800"]
)


@contextmanager
def _without_orjson() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "orjson", None)
        fast_json.cache_clear()
        try:
            yield
        finally:
            fast_json.cache_clear()


def _outcome[**P](function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> object:
    try:
        return function(*args, **kwargs)
    except (InvalidResponseError, ParamsError) as error:
        return type(error), str(error)


def _expected(members: dict[str, str]) -> bytes:
    return well_formed(compact_json(members)).encode()


def _expected_or_nothing(members: dict[str, str]) -> bytes | None:
    return _expected(members) if is_well_formed(compact_json(members)) else None


@st.composite
def _documents(draw: st.DrawFn) -> bytes:
    """JSON texts in several layouts, and texts that are nearly JSON."""
    value = draw(st.dictionaries(TEXTS, TEXTS) | VALUES)
    text = json.dumps(
        value,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.none() | st.just(1)),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": ")])),
    )
    data = text.encode(errors=draw(st.sampled_from(["surrogatepass", "replace"])))
    if draw(st.booleans()):
        return data
    at = draw(st.integers(0, len(data)))
    inserted = draw(PARTS.map(str.encode) | st.binary(max_size=3))
    return data[:at] + inserted + data[at + draw(st.integers(0, 2)) :]


@given(st.dictionaries(TEXTS, TEXTS))
def test_orjson_writes_the_bytes_of_the_standard_library(members: dict[str, str]) -> None:
    """Or nothing, where a text cannot be encoded as it is."""
    assert TextsWriter().write(members) == _expected_or_nothing(members)


@given(st.dictionaries(TEXTS, TEXTS))
def test_pydantics_library_writes_the_bytes_of_the_standard_library(
    members: dict[str, str],
) -> None:
    """Or nothing, where a text cannot be encoded as it is."""
    members["large"] = "x" * LARGE
    with _without_orjson():
        assert TextsWriter().write(members) == _expected_or_nothing(members)


@pytest.mark.parametrize("character", [chr(code) for code in (*range(256), 0x2028, 0x1F600)])
def test_every_library_escapes_each_character_alike(character: str) -> None:
    """The standard library has two ways, of which one escapes DEL; there is one way in results."""
    members = {character: character, "": "x" * LARGE}
    assert TextsWriter().write(members) == _expected(members)
    with _without_orjson():
        # pydantic's library, then the standard one.
        assert TextsWriter().write(members) == _expected(members)
        del members[""]
        assert TextsWriter().write(members) is None
        assert result_json(ExecuteResponse(output=members), None) == _expected(members)


@given(st.dictionaries(TEXTS, TEXTS), st.lists(TEXTS))
def test_results_are_the_same_bytes_without_orjson(output: dict[str, str], logs: list[str]) -> None:
    """With logs and without, for every text that an author returns."""
    response = ExecuteResponse(output=output, logs=logs)
    found = result_json(response, None)
    assert result_json(response, str) == found
    with _without_orjson():
        assert result_json(response, None) == found


@given(_documents(), st.lists(TEXTS, max_size=1))
def test_json_of_authors_is_accepted_or_refused_alike_without_orjson(
    data: bytes, logs: list[str]
) -> None:
    """It is sent as it is written, or refused in the same words."""
    response = ExecuteResponse(result_json=data, logs=logs)
    found = _outcome(result_json, response, None)
    with _without_orjson():
        assert _outcome(result_json, response, None) == found


@given(_documents())
def test_parameters_are_read_alike_without_orjson(data: bytes) -> None:
    """Numbers as they are written, lone surrogates replaced, and the same words for errors."""
    found = _outcome(parse_params, data, "search")
    with _without_orjson():
        assert _outcome(parse_params, data, "search") == found


@pytest.mark.parametrize("depth", [100, 1000])
def test_nesting_is_accepted_alike_without_orjson(depth: int) -> None:
    """Above 1,024 levels orjson refuses it, and the standard library is asked."""
    data = b"[" * depth + b"]" * depth
    response = ExecuteResponse(result_json=data)
    assert is_certainly_json(data)
    with _without_orjson():
        assert result_json(response, None) == data


def test_texts_of_authors_own_classes_are_left_to_the_standard_library() -> None:
    """The library would write the value of an enumeration, which may be another text."""

    class Level(StrEnum):
        HIGH = "high"

        @property
        def value(self) -> str:
            return "other"

    assert TextsWriter().write({"level": Level.HIGH}) is None
    assert result_json(ExecuteResponse(output={"level": Level.HIGH}), None) == b'{"level":"high"}'


def test_only_objects_of_texts_are_read_by_orjson() -> None:
    """It would round the numbers of other values."""
    assert texts_in_json(b'{"a":"1","b":"\\u00e9"}') == {"a": "1", "b": "é"}
    assert texts_in_json(b'{"a":1}') is None
    assert texts_in_json(b'["a"]') is None
    assert texts_in_json(b"{") is None


def _run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_importing_the_sdk_loads_no_library_for_json() -> None:
    """What an agent does not need yet does not delay its start."""
    loaded = "{'orjson', 'pydantic_core'} & set(sys.modules)"
    assert _run(f"import sys, mirastack_sdk; print({loaded})") == "set()"


def test_agents_without_typed_actions_load_pydantics_library_once_it_pays() -> None:
    """It takes longer to load than a few large results take to write."""
    program = f"""
import sys, threading
sys.modules["orjson"] = None
from mirastack_sdk._core.contract.fast_json import TextsWriter
writer, loaded, written = TextsWriter(), [], []
for size in ({PAYS_FROM} - 1, {LARGE} - 1, 1, {LARGE}, {LARGE}):
    written.append(writer.write({{"result": "x" * size}}) is not None)
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    loaded.append("pydantic_core" in sys.modules)
print(loaded, written)
"""
    loaded, written = [False, False, False, True, True], [False, False, False, False, True]
    assert _run(program) == f"{loaded} {written}"
