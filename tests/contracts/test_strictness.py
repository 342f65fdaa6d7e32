"""The rules of engines that both engines for tests apply, unless a test switches them off."""

import pytest

from mirastack_sdk.engine import Approval
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Permission
from mirastack_sdk.testing import LocalEngine, MockEngineClient
from tests.contracts.bench import AGENT, Bench

ADVICE = "pass the agent's name alone, and the action as action"
CALLING = "Calling other agents"


def report(key: str) -> str:
    return f"the cache key {key!r} does not start with {AGENT} and a colon"


@pytest.mark.parametrize("key", ["services", ":services", "billing:services"])
async def test_a_write_outside_the_agents_own_keys_is_reported(bench: Bench, key: str) -> None:
    """Agents share a cache: an entry without the writer's name may replace that of another."""
    await bench.client.cache_set(bench.ctx, key, "1")
    assert bench.script.cache.get(key) == "1"
    bench.reports.append(report(key))


async def test_a_read_without_an_agents_name_is_reported(bench: Bench) -> None:
    """Agents may read the entries of others, but those have a name, too."""
    await bench.client.cache_get(bench.ctx, "billing:services")
    await bench.client.cache_get(bench.ctx, "services")
    await bench.client.cache_get_batch(bench.ctx, [f"{AGENT}:a", "b"])
    bench.reports.extend([report("services"), report("b")])


@pytest.mark.contract(f"{CALLING}: approvals for READ are refused by the engine")
async def test_an_approval_of_a_read_is_rejected(bench: Bench) -> None:
    """READ actions need no approval, so the engine does not ask a human."""
    bench.script.answer_approvals(Approval(approved=True))
    with pytest.raises(EngineError, match="approvals are for MODIFY and ADMIN, got READ") as caught:
        await bench.client.request_approval(bench.ctx, "Look", permission=Permission.READ)
    assert (caught.value.reason, caught.value.status) == ("invalid_argument", "INVALID_ARGUMENT")


async def test_a_test_may_switch_the_rules_off(lenient_bench: Bench) -> None:
    """With `allow`, keys of any form and approvals of READ are accepted without a word."""
    bench = lenient_bench
    bench.script.answer_approvals(Approval(approved=True))
    await bench.client.cache_set(bench.ctx, "services", "1")
    assert await bench.client.cache_get(bench.ctx, "services") == "1"
    assert await bench.client.request_approval(bench.ctx, "Look", permission=Permission.READ)


@pytest.mark.parametrize("allow", [{"cache_keys"}, "read_approvals"])
def test_there_is_no_other_rule_to_switch_off(allow: set[str]) -> None:
    """A misspelt rule, or a string in place of a set, is refused."""
    expected = "allow must be a set of foreign_cache_keys, read_approvals, got"
    with pytest.raises(ValueError, match=expected):
        MockEngineClient(allow=allow)  # type: ignore[arg-type] # the mistake
    with pytest.raises(ValueError, match=expected):
        LocalEngine(allow=allow)  # type: ignore[arg-type] # the mistake


@pytest.mark.contract(f"{CALLING}: a target with a colon is refused with advice")
@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (
            "billing:get",
            f"plugin must not contain a colon, got 'billing:get': {ADVICE}",
        ),
        (" ", "plugin must be the name of the agent to call, got a blank string"),
    ],
)
async def test_a_target_is_a_name(bench: Bench, target: str, sentence: str) -> None:
    """A blank target, or one that contains the action, is refused before the call."""
    with pytest.raises(ValueError, match="plugin must") as caught:
        await bench.client.call_plugin(bench.ctx, target, "get")
    assert str(caught.value) == sentence
    assert bench.plugin_calls == []


async def test_a_target_is_trimmed(bench: Bench) -> None:
    """Spaces around the agent's name do no harm."""
    bench.script.answer_plugin("billing", "get", {"result": "1"})
    result = await bench.client.call_plugin(bench.ctx, " billing\n", "get")
    assert result.output == {"result": "1"}
    assert bench.plugin_calls[0].plugin == "billing"


@pytest.mark.parametrize("answer", [Approval(approved=True), Approval(approved=False)])
async def test_an_approval_is_true_only_if_it_is_one(bench: Bench, answer: Approval) -> None:
    """`if await engine.request_approval(...)` does not run what a human has refused."""
    bench.script.answer_approvals(answer)
    decision = await bench.client.request_approval(bench.ctx, "Restart checkout")
    assert bool(decision) is answer.approved
