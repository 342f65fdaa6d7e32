"""The agent's configuration, remembered for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._runtime.clock import Clock

type Notice = Callable[[Mapping[str, str]], None]


def _ignore(config: Mapping[str, str]) -> None:
    """Take no notice."""


class ConfigCache:
    """Answers from memory for `ttl` seconds; 0 asks every time.

    Callers that ask at the same time share one question to the engine. `close()` ends it. `notice`
    hears of each configuration that the engine has told.
    """

    def __init__(self, ttl: float, clock: Clock, *, notice: Notice = _ignore) -> None:
        self._notice = notice
        self._ttl = ttl
        self._clock = clock
        self._config: dict[str, str] = {}
        self._fresh_until: float | None = None
        self._question: asyncio.Task[dict[str, str]] | None = None
        self._questions: set[asyncio.Task[dict[str, str]]] = set()

    async def get(self, fetch: Callable[[], Awaitable[dict[str, str]]]) -> dict[str, str]:
        """Return a copy of the configuration, asking `fetch` where memory is too old.

        The question goes on when a caller gives up: others may be waiting for its answer.
        """
        if self._fresh_until is not None and self._clock.monotonic() < self._fresh_until:
            return dict(self._config)
        question = self._question
        if question is None:
            question = self._question = asyncio.create_task(self._ask(fetch))
            self._questions.add(question)
            question.add_done_callback(self._forget_question)
        await asyncio.wait((question,))
        return dict(question.result())

    def pushed(self, config: Mapping[str, str]) -> None:
        """Ask the engine the next time: it has pushed a new configuration, `config`."""
        self._notice(config)
        self.expire()

    def expire(self) -> None:
        """Ask the engine the next time: it may have a new configuration."""
        self._fresh_until = None
        # A question that is under way may be answered with the old one.
        self._question = None

    def close(self) -> None:
        """End the questions that are under way."""
        for question in self._questions:
            question.cancel()

    async def _ask(self, fetch: Callable[[], Awaitable[dict[str, str]]]) -> dict[str, str]:
        this = asyncio.current_task()
        try:
            config = dict(await fetch())
            self._notice(config)
            if self._question is this:
                self._config = config
                self._fresh_until = self._clock.monotonic() + self._ttl
            return config
        finally:
            if self._question is this:
                self._question = None

    def _forget_question(self, question: asyncio.Task[dict[str, str]]) -> None:
        self._questions.discard(question)
        if not question.cancelled():
            # Every caller may have given up meanwhile; then nobody else hears of a failure.
            question.exception()
