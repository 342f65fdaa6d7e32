"""The replay of a recorded execution, as authors call it."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

from mirastack_sdk._core.model.plugin_base import MirastackPlugin
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin, checked_plugin
from mirastack_sdk._runtime.recording.json_layout import layout
from mirastack_sdk._runtime.recording.message_form import Form
from mirastack_sdk.testing._replay.differences import Difference, without_ignored
from mirastack_sdk.testing._replay.recording_file import (
    RecordedExecution,
    ReplayError,
    read_recording,
)
from mirastack_sdk.testing._replay.replay_run import ReplayRun, replay_environment, serving
from mirastack_sdk.testing._replay.run_comparison import run_differences

_NOTHING: Mapping[str, str] = MappingProxyType({})
# A developer's machine may be slower than the one that recorded.
_LEAST_SECONDS = 60.0


def _same_agent(recorded: RecordedExecution, plugin: MirastackPlugin) -> CheckedPlugin:
    agent = checked_plugin(plugin)
    if agent.info.name != recorded.agent:
        raise ReplayError(
            f"{recorded.path} was recorded by the agent {recorded.agent}, not by {agent.info.name}",
            reason="other_agent",
        )
    return agent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """The outcome of a replay.

    `differences` are the places where it differs from the recording at `path`; an empty sequence
    means that the agent did and answered the same.
    """

    path: str
    differences: Sequence[Difference]
    _form: Form = field(repr=False)

    def update(self) -> None:
        """Replace the recording by this run, so that it is what later replays are compared with.

        The engine's answers stay those that were recorded. Raises `OSError`.
        """
        unfinished = f"{self.path}.{os.getpid()}"
        with open(unfinished, "x", encoding="utf-8", opener=_private) as file:
            file.write(layout(self._form))
        os.replace(unfinished, self.path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def replay(
    path: str | os.PathLike[str],
    plugin: MirastackPlugin,
    *,
    config: Mapping[str, str] = _NOTHING,
    ignore: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> ReplayResult:
    """Run a recorded execution again, and return how it differs from the recording.

    The agent is served on 127.0.0.1 and gets the recorded request and config. The engine answers
    each of its calls as it did then: the same call gets the same answer, in any order. The agent
    calls its own backends again.

    `config` replaces values of the recorded config, and gives the secret ones, which are not
    recorded. `environ` is the agent's environment, by default that of this process without the
    variables MIRASTACK_* and OTEL_*. `ignore` lists places where differences do not count, such as
    `response.result.generated_at`, with `*` for any part of a place. The execution may take
    `timeout` seconds, by default as long as when it was recorded, and at least a minute. Cancelling
    this stops the agent.

    Raises `ReplayError` for a file that cannot be replayed, `OSError` for one that cannot be read,
    `InvalidPluginError` or `StartError` if the agent does not start.
    """
    recorded = read_recording(path)
    agent = _same_agent(recorded, plugin)
    run = ReplayRun(recorded, {**recorded.config, **config})
    variables = replay_environment(environ, recorded.request.tenant_id)
    seconds = max(recorded.timeout or 0.0, _LEAST_SECONDS) if timeout is None else timeout
    async with serving(agent, run, variables) as port:
        form = await run.result(port, seconds)
    found = without_ignored(run_differences(recorded.form, form), ignore)
    # What the caller of `replay` has given instead is no part of the execution.
    form |= {name: recorded.form[name] for name in ("metadata", "config", "timeout_ms")}
    return ReplayResult(path=recorded.path, differences=tuple(found), _form=form)
