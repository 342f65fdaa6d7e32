"""A large result is truncated, stays valid JSON, and has a note on each cut."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Base64Bytes, Base64UrlBytes, BaseModel, ConfigDict, RootModel

from mirastack_sdk._actions.result.json_encoding import Json, json_value
from mirastack_sdk._actions.result.truncation import DEFAULT_LIMIT, LEAST_LIMIT, truncated
from tests.actions.agents import new_agent

EXAMPLES = int(os.environ.get("MIRASTACK_TEST_EXAMPLES", "150"))

CUTS: dict[str, tuple[Json, int, Json, tuple[str, ...]]] = {
    "rows": (
        [{"a": row} for row in range(5000)],
        100,
        [{"a": row} for row in range(12)],
        ("result: showing 12 of 5000 rows",),
    ),
    "text": ("x" * 200, 100, "x" * 97 + "…", ("result: showing 97 of 200 characters",)),
    "rows-within": (
        {"rows": list(range(1000)), "total": 1000},
        100,
        {"rows": list(range(29)), "total": 1000},
        ("rows: showing 29 of 1000 rows",),
    ),
    "text-within": (
        [{"message": "y" * 500}],
        100,
        [{"message": "y" * 83 + "…"}],
        ("[0].message: showing 83 of 500 characters",),
    ),
    "escapes": ('"' * 200, 100, '"' * 48 + "…", ("result: showing 48 of 200 characters",)),
}


@pytest.mark.parametrize(("value", "limit", "kept", "notes"), CUTS.values(), ids=CUTS)
def test_is_truncated(value: Json, limit: int, kept: Json, notes: tuple[str, ...]) -> None:
    """Lists lose rows, strings characters, and each cut has a note."""
    found = truncated(value, limit)
    assert json.loads(found.text) == kept
    assert found.notes == notes
    assert len(found.text) <= limit


def test_a_result_that_fits_is_unchanged() -> None:
    """Nothing is cut at exactly the limit."""
    value: Json = ["x" * 95]
    assert truncated(value, 99).text == json.dumps(value)
    assert truncated(value, 99).notes == ()
    assert truncated(value, 98).notes != ()


@pytest.mark.parametrize("limit", range(100, 112))
def test_the_limit_is_used_to_the_character(limit: int) -> None:
    """As many rows as possible are kept."""
    text = truncated([1] * 1000, limit).text
    assert limit - 1 <= len(text) <= limit


@pytest.mark.parametrize("limit", range(100, 112))
@pytest.mark.parametrize("members", [1, 2, 3])
def test_members_use_the_limit_to_the_character(limit: int, members: int) -> None:
    """Members that are cut to the same size leave less room than one more character each takes."""
    text = truncated({f"key{number}": "x" * 1000 for number in range(members)}, limit).text
    assert limit - members < len(text) <= limit


def test_none_means_no_limit() -> None:
    """An action may return a result of any size."""
    assert len(truncated("x" * 100_000, None).text) == 100_002


def test_members_share_the_limit() -> None:
    """Small members stay whole, and large ones are cut to the same size."""
    value: Json = {"small": "s" * 10, "one": "a" * 1000, "other": "b" * 1000}
    kept = json.loads(truncated(value, 200).text)
    assert kept["small"] == "s" * 10
    assert len(kept["one"]) == len(kept["other"])


def test_many_cuts_are_summarized() -> None:
    """There are only a few notes, however many parts were cut."""
    value: Json = {f"key{number}": "x" * 100 for number in range(20)}
    notes = truncated(value, 1000).notes
    assert len(notes) == 6
    assert notes[-1] == "15 more parts of the result were truncated"


def test_the_default_limit_is_documented() -> None:
    """Thirty-two thousand characters."""
    assert DEFAULT_LIMIT == 32_000


_VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # A lone surrogate has been replaced before.
    | st.text(st.characters(codec="utf-8"), max_size=200),
    lambda inner: (
        st.lists(inner, max_size=30)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=60), inner, max_size=8)
    ),
    max_leaves=60,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(value=_VALUES, limit=st.integers(LEAST_LIMIT, 600))
def test_any_result_fits_and_is_json(value: Json, limit: int) -> None:
    """The text is JSON within the limit, and it is either complete or has a note."""
    found = truncated(value, limit)
    read = json.loads(found.text)
    assert len(found.text) <= limit
    assert found.notes or read == value


DATA = bytes(range(256)) * 4


@dataclass
class File:
    """A class with bytes."""

    data: bytes


class Part(TypedDict):
    """A dictionary with bytes."""

    data: bytes


class UrlSafe(BaseModel):
    """A model that writes bytes as pydantic's base64."""

    model_config = ConfigDict(ser_json_bytes="base64")
    data: bytes


class Digits(BaseModel):
    """A model that writes bytes as hexadecimal digits."""

    model_config = ConfigDict(ser_json_bytes="hex")
    data: bytes


class Encoded(BaseModel):
    """A model with a type that encodes its bytes."""

    data: Base64Bytes


class UrlEncoded(BaseModel):
    """A model with a type that encodes its bytes for addresses."""

    data: Base64UrlBytes


class Root(RootModel[bytes]):
    """A model that is its bytes."""


class Row(NamedTuple):
    """A tuple with bytes."""

    data: bytes


class OwnBytes(bytes):
    """Bytes of a class of their own."""

    __slots__ = ()


STANDARD = str.maketrans("-_", "+/")

BYTES: dict[str, tuple[object, str]] = {
    "bytes": (DATA, "result"),
    "bytearray": (bytearray(DATA), "result"),
    "memory": (memoryview(DATA), "result"),
    "dataclass": (File(DATA), "data"),
    "typed-dict": (Part(data=DATA), "data"),
    "list": ([DATA], "[0]"),
    "tuple": ((DATA,), "[0]"),
    "set": ({DATA}, "[0]"),
    "named-tuple": (Row(DATA), "[0]"),
    "nested": ({"a": [File(DATA)]}, "a[0].data"),
    "subclass": (OwnBytes(DATA), "result"),
    "root": (Root(DATA), "result"),
    "url-safe-field": (UrlEncoded(data=base64.urlsafe_b64encode(DATA)), "data"),
    "base64-in-a-config": (UrlSafe(data=DATA), "data"),
    "encoded-field": (Encoded(data=base64.b64encode(DATA)), "data"),
}


@pytest.mark.parametrize(("value", "place"), BYTES.values(), ids=BYTES)
@pytest.mark.parametrize("limit", range(LEAST_LIMIT, LEAST_LIMIT + 5))
def test_bytes_are_cut_between_bytes(value: object, place: str, limit: int) -> None:
    """What is left of base64 can be decoded, and the note counts bytes."""
    found = truncated(json_value(value), limit)
    encoded: object = json.loads(found.text)
    while not isinstance(encoded, str):
        assert isinstance(encoded, list | dict)
        (encoded,) = encoded if isinstance(encoded, list) else encoded.values()
    kept = base64.b64decode(encoded.translate(STANDARD), validate=True)
    assert len(kept) > 50
    assert DATA.startswith(kept)
    assert found.notes == (f"{place}: showing {len(kept)} of {len(DATA)} bytes",)
    assert limit - 4 < len(found.text) <= limit


@pytest.mark.parametrize("limit", range(LEAST_LIMIT, LEAST_LIMIT + 3))
def test_hexadecimal_digits_are_cut_between_bytes(limit: int) -> None:
    """Two digits are one byte."""
    found = truncated(json_value(Digits(data=DATA)), limit)
    kept = bytes.fromhex(json.loads(found.text)["data"])
    assert DATA.startswith(kept)
    assert found.notes == (f"data: showing {len(kept)} of {len(DATA)} bytes",)
    assert limit - 2 < len(found.text) <= limit


@pytest.mark.parametrize("length", range(75, 80))
def test_the_length_of_bytes_is_exact(length: int) -> None:
    """The padding of base64 is not counted."""
    assert truncated(json_value(bytes(length)), LEAST_LIMIT).notes == (
        f"result: showing 72 of {length} bytes",
    )


async def _dump() -> bytes:
    return DATA


async def _perhaps() -> bytes | None:
    return DATA


async def _either() -> str | bytes:
    return DATA


def _in_a_thread() -> bytes:
    return DATA


@pytest.mark.parametrize("function", [_dump, _perhaps, _either, _in_a_thread])
async def test_the_bytes_of_a_declared_result_are_cut_between_bytes(
    function: Callable[[], object],
) -> None:
    """A result of a declared type is no exception."""
    agent = new_agent()
    agent.action(name="dump", description="Dump.", result_limit=LEAST_LIMIT)(function)
    result = await agent.call("dump")
    assert result.read(bytes) == DATA[:72]


async def test_streamed_bytes_are_cut_between_bytes() -> None:
    """Both in what is published on the way and in the whole result."""
    agent = new_agent()

    @agent.action(result_limit=LEAST_LIMIT)
    async def dump() -> AsyncIterator[bytes]:
        """Dump."""
        yield DATA

    result = await agent.call("dump")
    assert result.read(list[bytes]) == [DATA[:72]]
    (partial,) = result.partials
    assert isinstance(partial, str)
    assert DATA.startswith(base64.b64decode(partial, validate=True))


def test_text_like_base64_is_cut_as_text() -> None:
    """Only bytes are known to be base64."""
    assert truncated("QUJD" * 50, LEAST_LIMIT).text.endswith('…"')
