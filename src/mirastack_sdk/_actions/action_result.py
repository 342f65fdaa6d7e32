"""What a test sees of an action that it has called."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from mirastack_sdk._actions.adapters import typed_value
from mirastack_sdk._actions.encoding import json_value
from mirastack_sdk._actions.fitting import json_text
from mirastack_sdk._actions.parameters import spoken_name
from mirastack_sdk._actions.reading import read_json
from mirastack_sdk._core.model.execution import ExecuteResponse

__all__ = ["ActionResult", "request_params"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What an action answered, as the engine would receive it.

    `partials` are the partial results, each as JSON has it.
    """

    response: ExecuteResponse
    partials: tuple[object, ...] = ()

    @classmethod
    def of(cls, response: object, published: Sequence[str]) -> "ActionResult":
        """What an action answered, and the texts that it has published.

        Raises `TypeError` for an answer that is none.
        """
        if not isinstance(response, ExecuteResponse):
            raise TypeError(f"execute must return ExecuteResponse, got {type(response).__name__}")
        return cls(response=response, partials=tuple(map(json.loads, published)))

    @property
    def logs(self) -> list[str]:
        """What was said beside the result, or instead of it."""
        return self.response.logs

    @property
    def text(self) -> str:
        """The result as JSON text; raises `LookupError`, with the logs, where there is none."""
        if "result" not in self.response.output:
            raise LookupError("\n".join(["there is no result:", *(self.logs or ["no log line"])]))
        return self.response.output["result"]

    @property
    def value(self) -> object:
        """The result as JSON has it; raises `LookupError` where there is none."""
        value: object = json.loads(self.text)
        return value

    def read[Value](self, kind: type[Value]) -> Value:
        """The result as a value of a type: `result.read(list[LogLine])`.

        Raises `LookupError` where there is none, `ValueError` where it is no such value.
        """
        adapter: TypeAdapter[Value] = TypeAdapter(kind)
        return adapter.validate_python(read_json(self.value, typed_value(kind).shape))


def request_params(parameters: Mapping[str, object]) -> dict[str, str]:
    """Python values as an engine sends them, by the names it uses; text stays as it is.

    Raises `ResultError` for a value of which no JSON can be made.
    """
    return {spoken_name(name): _as_text(value) for name, value in parameters.items()}


def _as_text(parameter: object) -> str:
    value = json_value(parameter)
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)
