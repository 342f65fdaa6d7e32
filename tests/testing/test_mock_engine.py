"""A mock engine records calls, holds state and fails on request."""

import time

import pytest

from mirastack_sdk.engine import KPI, License
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Context
from mirastack_sdk.testing import (
    CacheSetCall,
    ManualClock,
    MockEngineClient,
)

UNAVAILABLE = EngineError("engine down", reason="unavailable", retryable=True)
CTX = Context(execution_id="e1", step_id="s1")


async def test_every_call_is_recorded_in_order() -> None:
    """`calls` lists each call with its arguments, in order."""
    mock = MockEngineClient()
    await mock.cache_get(CTX, "my_agent:a")
    await mock.cache_set(CTX, "my_agent:a", "1", ttl=5)
    await mock.get_config(CTX)
    assert [call.method for call in mock.calls] == ["cache_get", "cache_set", "get_config"]
    assert mock.calls[1] == CacheSetCall(ctx=CTX, key="my_agent:a", value="1", ttl=5)


async def test_calls_of_one_method_are_typed() -> None:
    """`calls_of` lists the calls of one method, with the arguments as attributes."""
    mock = MockEngineClient()
    await mock.cache_get(CTX, "my_agent:a")
    await mock.cache_set(CTX, "my_agent:b", "1")
    await mock.cache_get(CTX, "my_agent:c")
    assert [call.key for call in mock.calls_of("cache_get")] == ["my_agent:a", "my_agent:c"]
    assert [call.value for call in mock.calls_of("cache_set")] == ["1"]
    assert mock.calls_of("get_kpi") == []


async def test_a_failed_call_is_recorded_too() -> None:
    """A call that fails as ordered is recorded as well."""
    mock = MockEngineClient()
    mock.fail_next("cache_get", UNAVAILABLE)
    with pytest.raises(EngineError):
        await mock.cache_get(CTX, "my_agent:a")
    assert len(mock.calls_of("cache_get")) == 1


async def test_a_call_with_a_wrong_argument_never_reaches_the_engine() -> None:
    """A call that the client itself refuses is not recorded."""
    mock = MockEngineClient()
    with pytest.raises(ValueError, match="ttl"):
        await mock.cache_set(CTX, "my_agent:a", "1", ttl=-1)
    assert mock.calls == []


async def test_a_value_that_the_wire_cannot_carry_never_reaches_the_engine() -> None:
    """A value that cannot be encoded fails with the same error as with a real engine."""
    mock = MockEngineClient()
    with pytest.raises(EngineError, match="CacheGet: the request cannot be written") as caught:
        await mock.cache_get(CTX, "\ud800")
    assert caught.value.reason == "invalid_argument"
    assert mock.calls == []


async def test_the_clock_can_be_shared() -> None:
    """The mock uses the clock that it is given."""
    clock = ManualClock()
    mock = MockEngineClient(clock=clock)
    await mock.cache_set(CTX, "my_agent:a", "1", ttl=1)
    clock.advance(1)
    assert await mock.cache_get(CTX, "my_agent:a") is None


async def test_what_the_agent_wrote_can_be_read_without_a_call() -> None:
    """Reading `cache` is not recorded as a call."""
    mock = MockEngineClient()
    await mock.cache_set(CTX, "my_agent:a", "1", ttl=60)
    assert mock.cache.get("my_agent:a") == "1"
    assert mock.cache.ttl("my_agent:a") == pytest.approx(60)
    assert len(mock.calls) == 1


async def test_the_next_calls_fail_as_ordered() -> None:
    """The error is raised as often as ordered, and then no more."""
    mock = MockEngineClient(cache={"my_agent:a": "1"})
    mock.fail_next("cache_get", UNAVAILABLE, times=2)
    for _ in range(2):
        with pytest.raises(EngineError) as caught:
            await mock.cache_get(CTX, "my_agent:a")
        assert caught.value is UNAVAILABLE
    assert await mock.cache_get(CTX, "my_agent:a") == "1"


async def test_every_call_fails_until_recovery() -> None:
    """A permanent error ends with `recover`."""
    mock = MockEngineClient()
    mock.fail_always("get_config", UNAVAILABLE)
    for _ in range(3):
        with pytest.raises(EngineError):
            await mock.get_config(CTX)
    mock.recover("get_config")
    assert await mock.get_config(CTX) == {}


async def test_config_kpis_and_license_can_change() -> None:
    """They can be replaced while the agent runs."""
    mock = MockEngineClient(config={"a": "1"}, kpis=[KPI(id="k1")])
    assert mock.license is None
    mock.config = {"b": "2"}
    mock.kpis.append(KPI(id="k2"))
    mock.license = License(active=True)
    assert await mock.get_config(CTX) == {"b": "2"}
    assert [kpi.id for kpi in await mock.list_kpis(CTX)] == ["k1", "k2"]
    assert mock.license == License(active=True)


async def test_deadlines_count_on_the_clock_of_the_mock() -> None:
    """A test can let a deadline pass."""
    mock = MockEngineClient()
    ctx = Context(deadline=time.monotonic() + 60)
    await mock.cache_get(ctx, "my_agent:a")
    mock.clock.advance(61)
    with pytest.raises(EngineError, match="deadline has passed"):
        await mock.cache_get(ctx, "my_agent:a")
