"""A captured execution as it is written to a file."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from mirastack_sdk._core.model.declarations import PluginInfo
from mirastack_sdk._core.model.plugin_base import HasLifespan
from mirastack_sdk._core.redaction.known_secrets import Hide, KnownSecrets
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._gen import messages as wire
from mirastack_sdk._runtime.checked_plugin import CheckedPlugin
from mirastack_sdk._runtime.recording.execution_capture import CapturedCall, CapturedExecution
from mirastack_sdk._runtime.recording.form_redaction import FormRedaction, secret_texts
from mirastack_sdk._runtime.recording.json_form import mark_of
from mirastack_sdk._runtime.recording.json_layout import layout
from mirastack_sdk._runtime.recording.message_form import (
    CUT,
    Form,
    cut_mark,
    everything,
    form_of,
)
from mirastack_sdk.errors import EngineError

FORMAT = 1
"""The version of the format; a change that older readers would misread gets the next one."""

COMPLETED, CANCELLED = "completed", "cancelled"

_PACKAGE = "mirastack-agents-sdk-python"
# A value of so many bytes is a document of its own. Each value costs at least a line.
_LARGE_VALUE = 256 * 1024
_SMALL_VALUE = 256
_MOST_BYTES = 4 * 1024 * 1024
_MOST_TEXT = 8 * 1024 * 1024

# What the transport adds to the metadata of every call.
_NOT_SENT_BY_THE_CALLER = ("grpc-", ":")


@dataclass(slots=True)
class SizeLimit:
    """Admits values up to a size, and small ones alone when their sum is too large."""

    largest: int = _LARGE_VALUE
    left: int = _MOST_BYTES

    def admits(self, size: int) -> bool:
        """Whether a value of `size` bytes is written."""
        if size <= _SMALL_VALUE:
            return True
        if size > self.largest or size > self.left:
            return False
        self.left -= size
        return True


type SecretParams = Callable[[str], Sequence[str]]
"""Returns the names of the secret parameters of an action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAgent:
    """What the recording of an execution needs to know of the agent."""

    info: PluginInfo
    secret_params: SecretParams
    hide: Hide

    def written(self, execution: CapturedExecution) -> tuple[Form, str]:
        """The execution as it is written, and the text of the file; what is too large is cut."""
        form = self.form(execution, SizeLimit().admits)
        text = layout(form)
        if len(text) > _MOST_TEXT:
            form = self.form(execution, SizeLimit(left=0).admits)
            text = layout(form)
        return form, text

    def form(
        self, execution: CapturedExecution, admits: Callable[[int], bool] = everything
    ) -> Form:
        """The execution as JSON, without secrets."""
        redaction = self.redaction(execution.request)
        form: Form = {
            "recording": FORMAT,
            "agent": {"name": self.info.name, "version": self.info.version},
            "sdk": _sdk_version(),
            "recorded_at": _time(execution.started),
            "duration_ms": _milliseconds(execution.seconds),
            "timeout_ms": None if execution.timeout is None else _milliseconds(execution.timeout),
            "encoding": execution.encoding.value,
            "metadata": redaction.members(_sent_metadata(execution.metadata)),
            "config": self._config(execution, redaction, admits),
            "request": form_of(execution.request, admits=admits, shown=redaction.shown),
            "calls": [call_form(call, redaction, admits) for call in execution.calls],
            "outcome": COMPLETED if execution.response is not None else CANCELLED,
            "response": None
            if execution.response is None
            else form_of(execution.response, admits=admits, shown=redaction.shown),
        }
        form["cut"] = list(cut_paths(form))
        form["calls_left_out"] = execution.left_out
        return form

    def redaction(self, request: wire.ExecuteRequest) -> FormRedaction:
        """What removes the secrets of an execution, those in its parameters included."""
        names = frozenset(self.secret_params(request.action_id))
        by_name = FormRedaction(self.hide, names)
        params = form_of(request).get("params")
        own = KnownSecrets()
        for name, value in params.items() if isinstance(params, dict) else ():
            if by_name.is_secret(name):
                own.learn(secret_texts(value))
        return FormRedaction(lambda text: self.hide(own.hide(text)), names)

    def _config(
        self,
        execution: CapturedExecution,
        redaction: FormRedaction,
        admits: Callable[[int], bool],
    ) -> Form | None:
        config = execution.config
        if config is None:
            return None
        declared = frozenset(param.key for param in self.info.config_params if param.secret)
        redaction = FormRedaction(redaction.hide, declared)
        values: Form = {
            key: value if admits(len(value)) else cut_mark(value)
            for key, value in config.values.items()
        }
        return {"values": redaction.members(values), "version": config.version}


def recorded_agent(agent: CheckedPlugin, secrets: KnownSecrets) -> RecordedAgent:
    """What recordings need to know of an agent; `secrets` may learn more."""
    plugin = agent.plugin
    return RecordedAgent(
        info=agent.info,
        secret_params=plugin.secret_params if isinstance(plugin, HasLifespan) else _none,
        hide=secrets.hide,
    )


def _none(action: str) -> tuple[str, ...]:  # noqa: ARG001 - an agent without typed actions
    return ()


def call_form(
    call: CapturedCall, redaction: FormRedaction, admits: Callable[[int], bool] = everything
) -> Form:
    """One call of the engine as JSON."""
    form: Form = {
        "method": call.method,
        "at_ms": _milliseconds(call.at),
        "took_ms": None if call.seconds is None else _milliseconds(call.seconds),
        "request": form_of(call.request, admits=admits, shown=redaction.shown),
    }
    if call.error is not None:
        form["error"] = _error_form(call.error, redaction)
    elif call.response is not None:
        form["response"] = form_of(call.response, admits=admits, shown=redaction.shown)
    else:
        form["unanswered"] = True
    return form


def _error_form(error: EngineError, redaction: FormRedaction) -> Form:
    return {
        "text": redaction.shown(str(error)),
        "reason": error.reason,
        "status": error.status,
        "retryable": error.retryable,
    }


def cut_paths(form: object, path: str = "") -> Iterator[str]:
    """The places in a form where something is cut."""
    if mark_of(form) == CUT:
        yield path
    elif isinstance(form, dict):
        for name, item in form.items():
            yield from cut_paths(item, f"{path}.{name}".lstrip("."))
    elif isinstance(form, list):
        for index, item in enumerate(form):
            yield from cut_paths(item, f"{path}[{index}]")


def _sent_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(metadata.items())
        if not name.startswith(_NOT_SENT_BY_THE_CALLER)
    }


@functools.cache
def _sdk_version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
