"""Approvals that an agent asks for are decided on the page, or by a policy."""

import asyncio

import pytest

from mirastack_sdk._cli.shared_options import ApprovalPolicy
from mirastack_sdk.plugin import Context
from mirastack_sdk.testing import RequestApprovalCall
from tests.cli.inspector.stage import inspected, only, open_page


@pytest.mark.parametrize(("approved", "decision"), [(True, "granted"), (False, "denied")])
async def test_the_page_decides(approved: bool, decision: str) -> None:
    """The agent waits for the page, and gets its decision and its comment."""
    async with inspected() as stage, open_page(stage) as page:
        await page.next("state")
        started = await stage.send("POST", "/api/executions", {"action": "approve"})
        asked = await page.next("approval")
        assert (asked["description"], asked["permission"]) == ("Restart it", "MODIFY")
        assert (asked["execution_id"], asked["decision"]) == (started["id"], None)
        body = {"approved": approved, "comment": "as you wish"}
        decided = await stage.send("POST", f"/api/approvals/{asked['id']}", body)
        assert decided["decision"] == decision
        assert (await page.next("approval"))["decision"] == decision
        done = await stage.ended(started)
    assert done["result"] == {"approved": approved, "comment": "as you wish"}


@pytest.mark.parametrize(("policy", "approved"), [("all", True), ("none", False)])
async def test_a_policy_decides_at_once(policy: ApprovalPolicy, approved: bool) -> None:
    """With a policy nobody is asked, and the decision is recorded."""
    async with inspected(policy=policy) as stage:
        done = await stage.run("approve")
        record = only((await stage.get("/api/state"))["approvals"])
    assert done["result"] == {"approved": approved, "comment": ""}
    assert record["decision"] == ("granted" if approved else "denied")


async def test_a_decision_is_final() -> None:
    """A second decision is refused, and so is one on an unknown request."""
    async with inspected() as stage, open_page(stage) as page:
        started = await stage.send("POST", "/api/executions", {"action": "approve"})
        asked = await page.next("approval")
        path = f"/api/approvals/{asked['id']}"
        await stage.send("POST", path, {"approved": True})
        sentence = await stage.refused("POST", path, {"approved": False}, 409)
        assert sentence == "this request is already granted"
        await stage.refused("POST", "/api/approvals/x", {"approved": True}, 404)
        assert await stage.refused("POST", path, {}, 400) == "the body has no approved"
        await stage.ended(started)


async def test_a_cancelled_execution_withdraws_its_request() -> None:
    """Nobody can decide about something that is not going to happen."""
    async with inspected() as stage, open_page(stage) as page:
        started = await stage.send("POST", "/api/executions", {"action": "approve"})
        asked = await page.next("approval")
        await stage.send("DELETE", f"/api/executions/{started['id']}")
        withdrawn = await page.next("approval")
        assert (withdrawn["id"], withdrawn["decision"]) == (asked["id"], "withdrawn")
        path = f"/api/approvals/{asked['id']}"
        sentence = await stage.refused("POST", path, {"approved": True}, 409)
    assert sentence == "this request is already withdrawn"


async def test_a_request_that_nobody_decides_times_out() -> None:
    """The time limit of the agent's request ends it, and the page shows that."""
    async with inspected() as stage:
        asked = RequestApprovalCall(ctx=Context(), description="Restart it", timeout=0.05)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(asked.timeout):
                await stage.desk.approvals.decide(asked)
        record = only((await stage.get("/api/state"))["approvals"])
    assert record["decision"] == "timed_out"
