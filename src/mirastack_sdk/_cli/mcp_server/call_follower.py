"""The answer to one `tools/call`: the client follows the call until there is a result."""

import asyncio
from contextlib import suppress

from mcp import types

from mirastack_sdk._cli.mcp_server.approvals import CANNOT_ASK, Question, approval_of, refused
from mirastack_sdk._cli.mcp_server.client_request import ClientRequest
from mirastack_sdk._cli.mcp_server.suspended_calls import SuspendedCalls
from mirastack_sdk._cli.mcp_server.tool_call import ToolCall
from mirastack_sdk._cli.mcp_server.tool_results import error_result

type Answer = types.CallToolResult | types.InputRequiredResult


class CallFollower:
    """Follows one call for one request: tells the client what happens, and asks it."""

    def __init__(self, call: ToolCall, request: ClientRequest, suspended: SuspendedCalls) -> None:
        self._call = call
        self._request = request
        self._suspended = suspended
        self._asking: dict[Question, asyncio.Task[None]] = {}

    async def answer(self) -> Answer:
        """Return the result, or the questions to which the next request has the answers.

        When this is cancelled or fails, the call is cancelled.
        """
        try:
            while True:
                for report in self._call.take_reports():
                    await report(self._request)
                if self._call.task.cancelled():
                    return error_result([f"{self._call.tool.name} was stopped with the server"])
                if self._call.task.done():
                    return self._call.task.result()
                if self._must_ask():
                    return self._questions()
                await self._call.changed()
        except BaseException:
            # Its questions are withdrawn with it.
            self._call.cancel()
            raise

    def take_answers(self, responses: types.InputResponses) -> None:
        """Settle the questions that the client has answered."""
        for key, response in responses.items():
            question = self._call.open_questions.get(key)
            if question is not None and isinstance(response, types.ElicitResult):
                question.settle(approval_of(response, self._request.name))

    def _must_ask(self) -> bool:
        """Ask what has not been asked yet; whether that takes another request of the client."""
        questions = self._call.open_questions.values()
        for question in questions:
            if not self._request.can_be_asked:
                question.settle(refused(CANNOT_ASK))
            elif not self._request.is_modern and question not in self._asking:
                self._asking[question] = asyncio.create_task(self._ask(question))
        return self._request.is_modern and bool(self._call.open_questions)

    async def _ask(self, question: Question) -> None:
        asking = asyncio.ensure_future(self._request.ask(question))
        # A question whose time is over is withdrawn.
        question.answer.add_done_callback(lambda _: asking.cancel())
        with suppress(asyncio.CancelledError):
            question.settle(await asking)

    def _questions(self) -> types.InputRequiredResult:
        return types.InputRequiredResult(
            input_requests={key: found.request for key, found in self._call.open_questions.items()},
            request_state=self._suspended.suspend(self._call),
        )
