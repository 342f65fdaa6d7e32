"""The promises of `cache_get`, `cache_get_batch` and `cache_set`."""

import pytest

from mirastack_sdk.errors import EngineError
from tests.contracts.bench import AGENT, Bench

A, B, C = f"{AGENT}:a", f"{AGENT}:b", f"{AGENT}:c"


async def test_a_missing_entry_is_none(bench: Bench) -> None:
    """A key that nobody has set has no value."""
    assert await bench.client.cache_get(bench.ctx, A) is None


@pytest.mark.parametrize("value", ["1", "", '{"a": "é 😀"}', "x" * 1_000_000, "\0\n"])
async def test_an_entry_comes_back_as_it_was_set(bench: Bench, value: str) -> None:
    """Any text can be stored, including empty text."""
    await bench.client.cache_set(bench.ctx, A, value)
    assert await bench.client.cache_get(bench.ctx, A) == value


async def test_the_last_value_counts(bench: Bench) -> None:
    """Setting a key again replaces its value."""
    await bench.client.cache_set(bench.ctx, A, "1")
    await bench.client.cache_set(bench.ctx, A, "2")
    assert await bench.client.cache_get(bench.ctx, A) == "2"


async def test_an_entry_expires(bench: Bench) -> None:
    """An entry exists for `ttl` seconds and no longer."""
    await bench.client.cache_set(bench.ctx, A, "1", ttl=300)
    bench.clock.advance(299)
    assert await bench.client.cache_get(bench.ctx, A) == "1"
    bench.clock.advance(1)
    assert await bench.client.cache_get(bench.ctx, A) is None


@pytest.mark.contract("The messages: CacheSet with ttl_seconds 0 does not expire")
async def test_an_entry_without_a_time_stays(bench: Bench) -> None:
    """A `ttl` of 0, the default, means that the entry does not expire."""
    await bench.client.cache_set(bench.ctx, A, "1")
    await bench.client.cache_set(bench.ctx, B, "2", ttl=0)
    bench.clock.advance(10**9)
    assert await bench.client.cache_get_batch(bench.ctx, [A, B]) == {A: "1", B: "2"}


async def test_a_negative_time_is_refused(bench: Bench) -> None:
    """The caller gets a `ValueError`, and nothing is stored."""
    with pytest.raises(ValueError, match="ttl must be 0"):
        await bench.client.cache_set(bench.ctx, A, "1", ttl=-1)
    assert await bench.client.cache_get(bench.ctx, A) is None


@pytest.mark.contract("The messages: CacheGetBatch entries are in the order asked")
async def test_a_batch_has_every_key_in_order(bench: Bench) -> None:
    """Each requested key has its value, or `None` if there is none."""
    bench.script.cache.set(B, "2")
    found = await bench.client.cache_get_batch(bench.ctx, [C, B, A])
    assert list(found.items()) == [(C, None), (B, "2"), (A, None)]


async def test_a_batch_of_nothing_is_empty(bench: Bench) -> None:
    """Without keys there are no values."""
    assert await bench.client.cache_get_batch(bench.ctx, []) == {}


async def test_a_key_asked_for_twice_is_there_once(bench: Bench) -> None:
    """A key may be requested twice."""
    bench.script.cache.set(A, "1")
    assert await bench.client.cache_get_batch(bench.ctx, [A, B, A]) == {A: "1", B: None}


async def test_bytes_that_are_not_text_are_an_error(bench: Bench) -> None:
    """Another agent may have stored bytes that are not UTF-8."""
    bench.script.cache.set(A, b"\xff")
    for read in (
        bench.client.cache_get(bench.ctx, A),
        bench.client.cache_get_batch(bench.ctx, [A]),
    ):
        with pytest.raises(EngineError, match=f"'{A}' that are not UTF-8") as caught:
            await read
        assert caught.value.reason == "invalid_reply"
        assert not caught.value.retryable


async def test_a_key_that_cannot_be_written_is_refused(bench: Bench) -> None:
    """A key with a lone surrogate cannot be sent."""
    with pytest.raises(EngineError) as caught:
        await bench.client.cache_get(bench.ctx, "\ud800")
    assert caught.value.reason == "invalid_argument"
