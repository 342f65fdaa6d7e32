"""The engine's answers to an execution that is replayed."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence

from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.recording.message_form import Form
from mirastack_sdk._text import compact_json
from mirastack_sdk.errors import EngineError
from mirastack_sdk.testing._replay.differences import are_same
from mirastack_sdk.testing._replay.recording_file import RecordedCall

# The engine accepts what an agent only reports, also where the recording has no such call.
_ACCEPTED: dict[type, object] = {
    wire.CacheSetResponse: wire.CacheSetResponse(success=True),
    wire.LogEventResponse: wire.LogEventResponse(acknowledged=True),
    wire.PublishResultResponse: wire.PublishResultResponse(acknowledged=True),
    wire.CacheGetResponse: wire.CacheGetResponse(found=False),
}


class RecordedAnswers:
    """Answers each call as the engine answered the same call in the recording.

    The order of the calls does not matter, except among calls that are the same. A call that was
    not made so gets the answer to the next recorded one of the same method: after a change, a call
    may have other arguments. `is_stuck` is set as soon as every call has been made to which the
    engine gave no answer, if there is any.
    """

    def __init__(self, calls: Sequence[RecordedCall]) -> None:
        self._calls = calls
        self._same: dict[str, deque[int]] = defaultdict(deque)
        self._left: dict[str, list[int]] = defaultdict(list)
        for index, call in enumerate(calls):
            self._same[_key(call.method, call.request)].append(index)
            self._left[call.method].append(index)
        # Answers that were given to other calls than those recorded, which may still come.
        self._lent: set[int] = set()
        self.is_stuck = asyncio.Event()
        self._unanswered = {index for index, call in enumerate(calls) if not call.is_answered}

    @property
    def has_unanswered(self) -> bool:
        """Whether the engine gave no answer to some call."""
        return any(not call.is_answered for call in self._calls)

    async def response[Response](
        self, method: str, request: Form, response_type: type[Response]
    ) -> Response:
        """Return the recorded response, or raise the recorded `EngineError`.

        A call that was not answered waits until it is cancelled.
        """
        index = self._find(method, request)
        if index is None:
            return _unrecorded(method, response_type)
        call = self._calls[index]
        if isinstance(call.response, response_type):
            return call.response
        if call.error is not None:
            error = call.error
            # A new one each time: the agent may keep it, and Python adds where it was raised.
            raise EngineError(
                str(error), reason=error.reason, retryable=error.retryable, status=error.status
            )
        self._unanswered.discard(index)
        if not self._unanswered:
            self.is_stuck.set()
        never: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        return await never

    def _find(self, method: str, request: Form) -> int | None:
        same, left = self._same[_key(method, request)], self._left[method]
        if same:
            index = same.popleft()
            self._take(method, index)
            return index
        for index in left:
            if are_same(self._calls[index].request, request):
                self._same[_key(method, self._calls[index].request)].remove(index)
                self._take(method, index)
                return index
        other = next((index for index in left if index not in self._lent), None)
        if other is not None:
            self._lent.add(other)
        return other

    def _take(self, method: str, index: int) -> None:
        self._left[method].remove(index)
        self._lent.discard(index)


def _key(method: str, request: Form) -> str:
    return f"{method} {compact_json(request)}"


def _unrecorded[Response](method: str, response_type: type[Response]) -> Response:
    accepted = _ACCEPTED.get(response_type)
    if isinstance(accepted, response_type):
        return accepted
    raise EngineError(f"{method}: the recording has no such call", reason="not_connected")
