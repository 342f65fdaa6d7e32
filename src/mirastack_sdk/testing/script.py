"""What a test tells a fake engine: the cache, configuration, indicators and answers it has."""

from collections.abc import Mapping, Sequence

from mirastack_sdk._core.model.engine_api import KPI
from mirastack_sdk._runtime.clock import Clock
from mirastack_sdk.testing.answers import ApprovalAnswer, PluginAnswer, ScriptedAnswers
from mirastack_sdk.testing.cache import FakeCache

__all__ = ["EngineScript"]


class EngineScript:
    """The cache, configuration, indicators and answers of a fake engine.

    `config` and `kpis` may be changed and replaced at any time. `clock` moves the
    cache's times to live.
    """

    def __init__(
        self,
        answers: ScriptedAnswers,
        *,
        clock: Clock,
        cache: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        kpis: Sequence[KPI] = (),
    ) -> None:
        self.cache = FakeCache(clock, cache)
        self.config = dict(config or {})
        self.kpis = list(kpis)
        self._answers = answers

    def answer_approvals(self, answer: ApprovalAnswer) -> None:
        """Answer every request for approval with `answer`, from now on.

        It is an `Approval`, an `EngineError` to raise, or a function of the request, which may be a
        coroutine function; one that does not return in time is a reviewer who never answers.
        """
        self._answers.set_approval(answer)

    def answer_next_approval(self, answer: ApprovalAnswer) -> None:
        """Answer one coming request for approval with `answer`, after those ordered before."""
        self._answers.add_approval(answer)

    def answer_plugin(self, plugin: str, action: str, answer: PluginAnswer) -> None:
        """Answer every `call_plugin` of `plugin` and `action` with `answer`, from now on.

        It is the other agent's output, a `PluginResult`, an exception that the other agent ends in
        (an `EngineError` is raised as it is), or a function of the call, which may be a coroutine
        function, returning or raising one of these.
        """
        self._answers.set_plugin(plugin, action, answer)
