"""How much an agent does at once, as the environment says it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mirastack_sdk._core.variable import Variable, whole_number, whole_number_expected

__all__ = ["LIMIT_VARIABLES", "ServingLimits"]

_MOST_EXECUTIONS = 100_000
_MOST_CONNECTIONS = 100_000

MAX_EXECUTIONS = Variable(
    name="MIRASTACK_PLUGIN_MAX_EXECUTIONS",
    meaning="how many executions may run at once; more are refused with RESOURCE_EXHAUSTED",
    default="1000",
    expected=whole_number_expected(1, _MOST_EXECUTIONS),
    parse=whole_number(1, _MOST_EXECUTIONS),
    fallback=1_000,
)
MAX_CONNECTIONS = Variable(
    name="MIRASTACK_PLUGIN_MAX_CONNECTIONS",
    meaning="how many connections may be open at once; more are closed as they come",
    default="1000",
    expected=whole_number_expected(1, _MOST_CONNECTIONS),
    parse=whole_number(1, _MOST_CONNECTIONS),
    fallback=1_000,
)

LIMIT_VARIABLES: tuple[Variable[object], ...] = (MAX_EXECUTIONS, MAX_CONNECTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingLimits:
    """What an agent takes on at once."""

    max_executions: int = MAX_EXECUTIONS.fallback
    max_connections: int = MAX_CONNECTIONS.fallback

    @classmethod
    def read(cls, environ: Mapping[str, str], problems: list[str]) -> "ServingLimits":
        """The limits that `environ` spells; what cannot be used adds sentences to `problems`."""
        return cls(
            max_executions=MAX_EXECUTIONS.read(environ, problems),
            max_connections=MAX_CONNECTIONS.read(environ, problems),
        )
