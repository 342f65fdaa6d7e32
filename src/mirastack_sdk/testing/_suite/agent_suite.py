"""The standard suite: the tests that an author's test class inherits."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from types import MappingProxyType

from mirastack_sdk._core.model.context import TimeRange
from mirastack_sdk._core.model.engine_api import Approval
from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.clock import SystemClock
from mirastack_sdk.datetimeutils import now_utc_ms
from mirastack_sdk.errors import ConfigurationError, InvalidPluginError, StartError
from mirastack_sdk.testing._in_process.agent_environment import agent_environment
from mirastack_sdk.testing._in_process.agent_in_process import InProcessAgent, agent_client
from mirastack_sdk.testing._mock_engine import MockEngineClient
from mirastack_sdk.testing._suite import (
    card_checks,
    check_failures,
    response_checks,
    runtime_checks,
)
from mirastack_sdk.testing._suite.agent_trial import AgentTrial, Samples
from mirastack_sdk.testing._suite.check_failures import fail_if_any, skip
from mirastack_sdk.testing._suite.leaks import leaks
from mirastack_sdk.testing._suite.loop_monitor import LoopMonitor
from mirastack_sdk.testing._suite.plugin_source import PluginSource, named_plugin, plugin_of
from mirastack_sdk.testing._suite.sample_values import default_config

type Hook = (
    AbstractAsyncContextManager[object] | AbstractContextManager[object] | Awaitable[None] | None
)
"""What cuts the backend: for a block, or until the end of the check."""

# What blocks the loop once may be an import, or the machine; what does it again is the code.
_LOOP_PROOFS = 3
_LOOP_ATTEMPTS = 2 * _LOOP_PROOFS
# Shorter config values also occur by chance.
_SHORTEST_SECRET = 4
_GRACE_VARIABLE = "MIRASTACK_PLUGIN_SHUTDOWN_GRACE"


class AgentSuite:
    """The standard suite: derive a test class from it, and name your agent.

        class TestMyAgent(AgentSuite):
            plugin = MyAgent
            samples = {"get_status": {"service": "cart"}}

    pytest then runs one test for each check. A failure says what was expected, what was found and
    how to fix it; docs/standard-suite.md explains each check. Only `plugin` is required.
    """

    plugin: PluginSource
    """The agent, its class, or a function that returns a new one."""
    samples: Samples = MappingProxyType({})
    """Parameters with which each action returns a result. The suite calls READ actions with
    parameters that it makes up if there are none here, and other actions only with samples."""
    config: Mapping[str, str] | None = None
    """The config that operators have set, by default the defaults of the agent's parameters."""
    new_config: Mapping[str, str] | None = None
    """A config that is pushed while the agent runs, by default `config` once more."""
    invalid_configs: Sequence[Mapping[str, str]] = ()
    """Configs that the agent must refuse, beside those that do not fit the declared types."""
    environ: Mapping[str, str] = MappingProxyType({})
    """Environment variables for the agent's config, beside those of the process."""
    secrets: Sequence[str] = ()
    """Texts that no response may contain, beside the values of secret config parameters."""
    time_range: TimeRange | None = None
    """The time range of calls, by default the last hour."""
    slow_action: str = ""
    """An action that is still running when the suite cancels it, by default any that is."""
    call_seconds: float = 30.0
    """How long a call may take."""
    cancel_seconds: float = 5.0
    """How long an action may take to end after its cancellation."""
    shutdown_grace: float = 10.0
    """How long the agent may take to stop."""
    largest_result: int = 1024 * 1024
    """The largest result of an action, as bytes of JSON."""

    def engine(self) -> MockEngineClient:
        """Return the engine that the agent calls; override it to script other agents' answers.

        This one grants every approval.
        """
        engine = MockEngineClient()
        engine.answer_approvals(Approval(approved=True, reviewer="the standard suite"))
        return engine

    @asynccontextmanager
    async def backend(self) -> AsyncIterator[None]:
        """Surround each check; override it to start a backend, and to set `environ` or `config`."""
        yield

    def cut_backend(self) -> Hook:
        """Make the backend fail; override it, so that the health check can be checked.

        Override it with a context manager, plain or asynchronous, or with a method or a coroutine
        function after which the backend fails for the rest of the check.
        """
        return None

    async def config_is_used(self, agent: InProcessAgent) -> None:
        """Assert that the agent uses `new_config`; override it, so that this is checked."""

    async def test_card(self) -> None:
        """The declarations are complete, and engines receive them."""
        fail_if_any(check_failures.CARD, card_checks.card_problems(self._new_plugin()))
        async with self._serving() as trial:
            problems = await card_checks.card_problems_on_the_wire(trial)
        fail_if_any(check_failures.CARD, problems)

    async def test_start(self) -> None:
        """The agent starts and serves."""
        async with AsyncExitStack() as stack:
            try:
                await self._enter(stack, self._checked())
            except (StartError, ConfigurationError) as error:
                fail_if_any(check_failures.START, str(error).splitlines())

    def test_routing(self) -> None:
        """Each action has words of its own by which the engine can choose it."""
        checked = self._checked()
        fail_if_any(
            check_failures.ROUTING, card_checks.routing_problems(checked.info, checked.schema)
        )

    async def test_unknown_action(self) -> None:
        """An action that does not exist is reported as unknown."""
        async with self._serving() as trial:
            problems = [one async for one in response_checks.unknown_action_problems(trial)]
        fail_if_any(check_failures.UNKNOWN_ACTION, problems)

    async def test_missing_parameters(self) -> None:
        """A missing parameter is reported by its name."""
        async with self._serving() as trial:
            problems = [one async for one in response_checks.missing_parameter_problems(trial)]
        fail_if_any(check_failures.MISSING, problems)

    async def test_wrong_parameters(self) -> None:
        """A parameter of a wrong type is reported by its name."""
        async with self._serving() as trial:
            if not response_checks.has_checkable_types(trial):
                raise skip(check_failures.WRONG, "every text fits every parameter of the agent")
            problems = [one async for one in response_checks.wrong_parameter_problems(trial)]
        fail_if_any(check_failures.WRONG, problems)

    async def test_health(self) -> None:
        """The health check succeeds beside a backend, and fails without one."""
        async with self._serving() as trial:
            is_healthy, message = await trial.health()
            if not is_healthy:
                fail_if_any(check_failures.HEALTH, [f"the agent is unhealthy: {message}"])
            if type(self).cut_backend is AgentSuite.cut_backend:
                raise skip(
                    check_failures.HEALTH,
                    "override `cut_backend` so that the suite can make the backend fail",
                )
            async with _entered(self.cut_backend()):
                is_healthy, _ = await trial.health()
        problems = ["the agent is healthy although its backend fails"] if is_healthy else []
        fail_if_any(check_failures.HEALTH, problems)

    async def test_live_config(self) -> None:
        """A pushed config is used at once, and one that is not valid is refused."""
        async with self._serving() as trial:
            if not trial.checked.takes_config:
                raise skip(check_failures.CONFIG, "the agent takes no config")
            current = self.config or default_config(trial.checked.info.config_params)
            config = self.new_config or current
            if config is None:
                raise skip(check_failures.CONFIG, "set `config` to one that the agent accepts")
            invalid = self.invalid_configs
            problems = [one async for one in runtime_checks.config_problems(trial, config, invalid)]
            fail_if_any(check_failures.CONFIG, problems)
            await self.config_is_used(trial.agent)

    async def test_time_range(self) -> None:
        """Each action works with a time range, and without one."""
        # Each in a new run of the agent, which may refuse to do again what it has just done.
        async with self._serving() as trial:
            with_range = await response_checks.responses(trial, has_range=True)
        async with self._serving() as trial:
            without = await response_checks.responses(trial, has_range=False)
        problems = response_checks.time_range_problems(with_range, without)
        fail_if_any(check_failures.TIME_RANGE, problems)

    async def test_nothing_internal(self) -> None:
        """No response contains secrets, addresses, paths or tracebacks."""
        async with self._serving() as trial:
            await response_checks.everything(trial)
            async with _entered(self.cut_backend()):
                await response_checks.everything(trial)
            trial.note_engine_calls()
            values = [*(self.config or {}).values(), *self.environ.values()]
            found = leaks(trial.answers, self._secrets(trial.checked), values, [os.getcwd()])
        fail_if_any(check_failures.LEAKS, found)

    async def test_cancellation(self) -> None:
        """An action ends when its call is cancelled."""
        async with self._serving() as trial:
            trials = [one for one in trial.trials() if self.slow_action in ("", one.action.name)]
            problems, cancelled = await runtime_checks.cancellation_problems(
                trial, trials, self.cancel_seconds
            )
        fail_if_any(check_failures.CANCELLATION, problems)
        if not cancelled:
            raise skip(
                check_failures.CANCELLATION,
                "no action ran long enough to be cancelled: set `slow_action`, and its samples",
            )

    async def test_event_loop(self) -> None:
        """No code of the agent blocks the event loop for 100 ms."""
        seen: Counter[str] = Counter()
        blocks: dict[str, float] = {}
        for _ in range(_LOOP_ATTEMPTS):
            monitor = LoopMonitor()
            with monitor.measuring():
                async with self._serving() as trial:
                    await response_checks.everything(trial)
            if not monitor.blocks and not monitor.unexplained:
                return
            blocks.update(monitor.blocks)
            seen.update(monitor.blocks.keys())
            if _LOOP_PROOFS in seen.values():
                break
        problems = [
            f"{1000 * took:.0f} ms at {place}"
            for place, took in blocks.items()
            if seen[place] >= _LOOP_PROOFS
        ]
        fail_if_any(check_failures.LOOP, problems)

    async def test_shutdown(self) -> None:
        """The agent stops within the grace period, and leaves nothing running."""
        clock, before = SystemClock(), asyncio.all_tasks()
        async with self._serving() as trial:
            for one in trial.trials():
                await trial.call(one.action.name, one.params)
            began = clock.monotonic()
        took = clock.monotonic() - began
        problems = await runtime_checks.left_behind(before, self.shutdown_grace)
        if took >= self.shutdown_grace:
            problems.append(f"the agent took {took:.1f} s to stop, of {self.shutdown_grace:g} s")
        fail_if_any(check_failures.SHUTDOWN, problems)

    async def test_results(self) -> None:
        """Each action returns a result that is JSON of a limited size."""
        async with self._serving() as trial:
            found = response_checks.result_problems(trial, self.largest_result)
            problems = [one async for one in found]
        fail_if_any(check_failures.RESULTS, problems)

    async def test_cache_keys(self) -> None:
        """Each cache key starts with the agent's name and a colon."""
        async with self._serving() as trial:
            problems = [one async for one in response_checks.cache_key_problems(trial)]
        fail_if_any(check_failures.CACHE_KEYS, problems)

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[AgentTrial]:
        checked = self._checked()
        async with AsyncExitStack() as stack:
            try:
                agent = await self._enter(stack, checked)
            except (StartError, ConfigurationError) as error:
                raise skip(check_failures.START, "the agent does not start") from error
            yield AgentTrial(
                checked=checked,
                agent=agent,
                samples=self.samples,
                time_range=self.time_range or _last_hour(),
                timeout=self.call_seconds,
            )

    async def _enter(self, stack: AsyncExitStack, checked: CheckedPlugin) -> InProcessAgent:
        await stack.enter_async_context(self.backend())
        environ = {
            **agent_environment(None),
            _GRACE_VARIABLE: str(self.shutdown_grace),
            **self.environ,
        }
        config = self.config or default_config(checked.info.config_params)
        agent = await stack.enter_async_context(
            agent_client(checked.plugin, engine=self.engine(), config=config, environ=environ)
        )
        agent._list_violations_only()  # noqa: SLF001 - only meant for this method
        return agent

    def _new_plugin(self) -> MirastackPlugin:
        return plugin_of(named_plugin(self))

    def _checked(self) -> CheckedPlugin:
        try:
            return checked_plugin(self._new_plugin())
        except InvalidPluginError as error:
            raise skip(check_failures.CARD, "the declarations are not complete") from error

    def _secrets(self, checked: CheckedPlugin) -> list[str]:
        config = self.config or {}
        keys = [param.key for param in checked.info.config_params if param.secret]
        values = [config[key] for key in keys if key in config]
        return [*self.secrets, *(value for value in values if len(value) >= _SHORTEST_SECRET)]


@asynccontextmanager
async def _entered(hook: Hook) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        match hook:
            case AbstractAsyncContextManager():
                await stack.enter_async_context(hook)
            case AbstractContextManager():
                stack.enter_context(hook)
            case Awaitable():
                await hook
            case None:
                pass
        yield


def _last_hour() -> TimeRange:
    now = now_utc_ms()
    return TimeRange(now - 3_600_000, now, "UTC", "last hour")
