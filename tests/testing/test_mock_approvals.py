"""A test scripts the decisions on a mock's requests for approval."""

import asyncio
from unittest.mock import create_autospec

import pytest

from mirastack_sdk.engine import Approval
from mirastack_sdk.errors import EngineError
from mirastack_sdk.plugin import Permission
from mirastack_sdk.testing import MockEngineClient, RequestApprovalCall, UnscriptedCallError

UNAVAILABLE = EngineError("engine down", reason="unavailable", retryable=True)


async def test_an_unscripted_approval_says_how_to_script_it() -> None:
    """A missing script is a mistake of the test, not an engine error."""
    mock = MockEngineClient()
    with pytest.raises(
        UnscriptedCallError,
        match=r"request_approval\('restart'\) has no scripted answer: .*answer_approvals\(",
    ):
        await mock.request_approval(None, "restart")


async def test_approvals_are_answered_in_order_and_then_by_the_permanent_answer() -> None:
    """Answers for coming requests are used first to last."""
    mock = MockEngineClient()
    mock.answer_approvals(Approval(approved=False))
    mock.answer_next_approval(Approval(approved=True, reviewer="ana"))
    mock.answer_next_approval(Approval(approved=False, timed_out=True))
    answers = [await mock.request_approval(None, "restart") for _ in range(3)]
    assert answers == [
        Approval(approved=True, reviewer="ana"),
        Approval(approved=False, timed_out=True),
        Approval(approved=False),
    ]


async def test_a_function_can_decide_on_an_approval() -> None:
    """The function receives the recorded request and may be a coroutine function."""
    mock = MockEngineClient()

    async def decide(call: RequestApprovalCall) -> Approval:
        return Approval(approved=call.permission is Permission.MODIFY, comment=call.description)

    mock.answer_approvals(decide)
    assert await mock.request_approval(None, "restart") == Approval(
        approved=True, comment="restart"
    )
    refused = await mock.request_approval(None, "delete", permission=Permission.ADMIN)
    assert not refused.approved


async def test_a_reviewer_who_never_answers_times_out() -> None:
    """If a coroutine does not return in time, the approval times out."""
    mock = MockEngineClient()

    async def never(_: RequestApprovalCall) -> Approval:
        await asyncio.Event().wait()
        return Approval(approved=True)

    mock.answer_approvals(never)
    answer = await mock.request_approval(None, "restart", timeout=0.01)
    assert answer == Approval(approved=False, timed_out=True)


async def test_a_timeout_inside_an_answer_is_not_the_reviewers() -> None:
    """An error in the test's own function is raised unchanged."""
    mock = MockEngineClient()

    def broken(_: RequestApprovalCall) -> Approval:
        raise TimeoutError("the function's own")

    mock.answer_approvals(broken)
    with pytest.raises(TimeoutError, match="the function's own"):
        await mock.request_approval(None, "restart")


async def test_an_answer_that_is_not_an_approval_is_an_error() -> None:
    """A function without a return is an error, not a timeout."""
    mock = MockEngineClient()
    forgetful = create_autospec(lambda _: None, return_value=None)
    mock.answer_approvals(forgetful)
    with pytest.raises(
        TypeError, match=r"request_approval\('restart'\) must be an Approval, not None"
    ):
        await mock.request_approval(None, "restart")


async def test_an_approval_can_fail() -> None:
    """A scripted `EngineError` is raised."""
    mock = MockEngineClient()
    mock.answer_next_approval(UNAVAILABLE)
    with pytest.raises(EngineError) as caught:
        await mock.request_approval(None, "restart")
    assert caught.value is UNAVAILABLE
