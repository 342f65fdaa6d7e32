"""The promises of `request_approval`."""

import pytest

from mirastack_sdk.engine import Approval, BlastRadius
from mirastack_sdk.plugin import Permission
from tests.contracts.bench import Bench


@pytest.mark.contract("The messages: RequestApproval carries its context and blast radius")
@pytest.mark.parametrize(
    "answer",
    [
        Approval(approved=True, reviewer="ana", comment="go"),
        Approval(approved=False, reviewer="bo", comment="not on a Friday"),
        Approval(approved=False, timed_out=True),
    ],
    ids=["approved", "refused", "nobody answered"],
)
async def test_the_decision_is_returned(bench: Bench, answer: Approval) -> None:
    """A refusal and a timeout are results as well, not exceptions."""
    bench.script.answer_approvals(answer)
    assert await bench.client.request_approval(bench.ctx, "Restart checkout") == answer


@pytest.mark.contract("The messages: RequestApproval carries its context and blast radius")
async def test_the_reviewer_sees_everything(bench: Bench) -> None:
    """Description, permission, context and blast radius arrive as given."""
    bench.script.answer_approvals(Approval(approved=True))
    radius = BlastRadius(
        resource_type="pod",
        resources=["a", "b"],
        scope="namespace",
        reversible=True,
        estimated_count=2,
        regions=["eu"],
        summary="two pods",
    )
    await bench.client.request_approval(
        bench.ctx,
        "Restart é",
        permission=Permission.ADMIN,
        context={"pods": 2, "names": ["a", None]},
        blast_radius=radius,
        timeout=60,
    )
    [asked] = bench.approvals
    assert (asked.description, asked.permission, asked.timeout) == (
        "Restart é",
        Permission.ADMIN,
        60,
    )
    assert asked.context == {"pods": 2, "names": ["a", None]}
    assert asked.blast_radius == radius


async def test_most_arguments_are_optional(bench: Bench) -> None:
    """By default it is a modification without context and blast radius, with five minutes' time."""
    bench.script.answer_approvals(Approval(approved=True))
    await bench.client.request_approval(bench.ctx, "Restart")
    [asked] = bench.approvals
    assert asked.permission is Permission.MODIFY
    assert asked.context == {}
    assert asked.blast_radius is None
    assert asked.timeout == 300


async def test_it_belongs_to_the_running_execution(bench: Bench) -> None:
    """The request names the execution, even without a context."""
    bench.script.answer_approvals(Approval(approved=True))
    await bench.client.request_approval(None, "Restart")
    [asked] = bench.approvals
    assert asked.ctx.execution_id == bench.ctx.execution_id
    assert asked.ctx.step_id == bench.ctx.step_id


@pytest.mark.parametrize("description", ["", " \n"])
async def test_a_blank_description_is_refused(bench: Bench, description: str) -> None:
    """The caller gets a `ValueError`, and nobody is asked."""
    with pytest.raises(ValueError, match="description must say"):
        await bench.client.request_approval(bench.ctx, description)
    assert bench.approvals == []


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"bytes"])
async def test_a_context_that_is_not_json_is_refused(bench: Bench, value: object) -> None:
    """The caller gets a `ValueError`, because a reviewer could not see the context."""
    with pytest.raises(ValueError, match="context must be JSON-serialisable"):
        await bench.client.request_approval(bench.ctx, "Restart", context={"a": value})
    assert bench.approvals == []


async def test_a_timeout_may_last_a_week(bench: Bench) -> None:
    """Seven days is the longest time that a call may wait for a reviewer."""
    bench.script.answer_approvals(Approval(approved=True))
    assert await bench.client.request_approval(bench.ctx, "Restart", timeout=604_800)
    with pytest.raises(ValueError, match="at most 604800 s, got 604801"):
        await bench.client.request_approval(bench.ctx, "Restart", timeout=604_801)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
async def test_an_impossible_timeout_is_refused(bench: Bench, timeout: float) -> None:
    """A timeout must be above zero and finite."""
    with pytest.raises(ValueError, match="timeout must be"):
        await bench.client.request_approval(bench.ctx, "Restart", timeout=timeout)
    assert bench.approvals == []
