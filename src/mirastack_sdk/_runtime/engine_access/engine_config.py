"""The configuration that the engine stores for an agent, fetched and cached."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from mirastack_sdk._core.policy.registration import Backoff
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._gen.services import GET_CONFIG
from mirastack_sdk._log import Log
from mirastack_sdk._runtime.calls.author_call import AuthorError, OverdueError
from mirastack_sdk._runtime.calls.config_updates import UPDATE_SECONDS, ConfigUpdates
from mirastack_sdk._runtime.clock import Clock, sleep_until
from mirastack_sdk._runtime.engine_access.engine_link import EngineLink
from mirastack_sdk._text import one_line
from mirastack_sdk.errors import EngineError

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


_LOG = Log("agent")

_CALL_SECONDS = 10.0
# How long an execution waits for the first answer: an engine may execute before it has given one.
_FIRST_SECONDS = 10.0

type Describe = Callable[[AuthorError | OverdueError], str]


async def fetch_config(link: EngineLink, timeout: float = _CALL_SECONDS) -> dict[str, str]:
    """Ask the engine for the agent's configuration, in seconds at most; raises `EngineError`."""
    request = wire.GetConfigRequest(plugin_name=link.plugin_name, tenant_id=link.tenant_id)
    response = await link.call(GET_CONFIG, request, timeout)
    return response.config


class EngineConfig:
    """Asks the engine for the agent's configuration, and hands it to the author like a push.

    An answer never takes the place of a push that came after the question: engines push whatever
    changes, so the push is as new. `fetch` asks, and raises `EngineError`. `refusal` says why the
    last answer was not taken over, in a text that `describe` has made fit to be shown; it is empty
    where it was.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[dict[str, str]]],
        cache: ConfigCache,
        updates: ConfigUpdates,
        clock: Clock,
        *,
        describe: Describe,
        uniform: Callable[[float, float], float],
        first_seconds: float = _FIRST_SECONDS,
    ) -> None:
        self.refusal = ""
        self._fetch = fetch
        self._cache = cache
        self._updates = updates
        self._clock = clock
        self._describe = describe
        self._uniform = uniform
        self._first_seconds = first_seconds
        self._registered = asyncio.Event()
        self._settled = asyncio.Event()
        self._pushes = 0

    def on_registered(self) -> None:
        """Ask, soon: the engine has registered the agent."""
        self._registered.set()

    def on_push(self) -> None:
        """Take no answer to a question that was asked before."""
        self._pushes += 1

    def on_taken_over(self) -> None:
        """Know that a push is in force."""
        self.refusal = ""
        self._settled.set()

    def on_refused(self) -> None:
        """Ask again where nothing is in force yet: what was to be dropped for a push is not."""
        if not self._settled.is_set():
            self._registered.set()

    async def wait(self, seconds: float) -> None:
        """Return when the engine has told its configuration, or cannot, or is too slow to.

        Never later than after `seconds`.
        """
        if self._settled.is_set():
            return
        try:
            async with asyncio.timeout(min(seconds, self._first_seconds)):
                await self._settled.wait()
        except TimeoutError:
            _LOG.warning("an execution begins before the engine has told the configuration")
            if seconds >= self._first_seconds:
                # Once is enough: the next ones begin at once.
                self._settled.set()

    async def run(self) -> None:
        """Ask after each registration, until cancelled."""
        try:
            while True:
                await self._registered.wait()
                self._registered.clear()
                await self._ask()
        except Exception:  # noqa: BLE001 - a task's root
            _LOG.critical("the configuration is not asked for any more", exc_info=True)
        finally:
            self._settled.set()

    async def _ask(self) -> None:
        backoff, pushes = Backoff(self._uniform), self._pushes
        while pushes == self._pushes and not self._registered.is_set():
            self._cache.expire()
            try:
                config = await self._cache.get(self._fetch)
            except EngineError as error:
                delay = backoff.next_delay()
                _LOG.warning(
                    "the engine has not told the configuration, next try in %.1f s: %s",
                    delay,
                    one_line(str(error)),
                    extra={"reason": error.reason},
                )
                self._settled.set()
                await sleep_until(self._clock, delay, self._registered)
                continue
            if pushes == self._pushes:
                await self._apply(config)
            return

    async def _apply(self, config: dict[str, str]) -> None:
        try:
            await self._updates.apply(config, UPDATE_SECONDS)
        except (AuthorError, OverdueError) as error:
            self.refusal = self._describe(error)
            _LOG.error("the engine's configuration is not taken over: %s", self.refusal)
        else:
            self.refusal = ""
        self._settled.set()
