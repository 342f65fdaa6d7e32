"""The variables that limit what an agent serves: executions, processes, and connections."""

from collections.abc import Mapping

from mirastack_sdk._core.settings.variable import (
    Variable,
    seconds,
    seconds_expected,
    whole_number,
    whole_number_expected,
)
from mirastack_sdk._deferred.dataclasses import dataclass

_MOST_EXECUTIONS = 100_000
_MOST_CONNECTIONS = 100_000
_MOST_PROCESSES = 1_000

MAX_EXECUTIONS = Variable(
    name="MIRASTACK_PLUGIN_MAX_EXECUTIONS",
    meaning="how many executions may run at once; the rest are refused with RESOURCE_EXHAUSTED",
    default="1000",
    expected=whole_number_expected(1, _MOST_EXECUTIONS),
    parse=whole_number(1, _MOST_EXECUTIONS),
    fallback=1_000,
)
MAX_CONNECTIONS = Variable(
    name="MIRASTACK_PLUGIN_MAX_CONNECTIONS",
    meaning="how many connections may be open at once; those without a call are closed first",
    default="1000",
    expected=whole_number_expected(1, _MOST_CONNECTIONS),
    parse=whole_number(1, _MOST_CONNECTIONS),
    fallback=1_000,
)
MAX_CONNECTION_AGE = Variable(
    name="MIRASTACK_PLUGIN_MAX_CONNECTION_AGE",
    meaning="seconds, give or take 10 %, after which callers have to open a new connection; "
    "0 means never",
    default="0",
    expected=seconds_expected(0, "300"),
    parse=seconds(0),
    fallback=0.0,
)
MAX_CONNECTION_AGE_GRACE = Variable(
    name="MIRASTACK_PLUGIN_MAX_CONNECTION_AGE_GRACE",
    meaning="seconds that running calls have to finish on such an old connection; 0 means no limit",
    default="0",
    expected=seconds_expected(0, "600"),
    parse=seconds(0),
    fallback=0.0,
)
WORKER_PROCESSES: Variable[int | None] = Variable(
    name="MIRASTACK_PLUGIN_WORKER_PROCESSES",
    meaning='how many processes run actions with `run_in="process"`; further calls wait',
    default="one for each CPU",
    expected=whole_number_expected(1, _MOST_PROCESSES),
    parse=whole_number(1, _MOST_PROCESSES),
    fallback=None,
)

LIMIT_VARIABLES: tuple[Variable[object], ...] = (
    MAX_EXECUTIONS,
    MAX_CONNECTIONS,
    MAX_CONNECTION_AGE,
    MAX_CONNECTION_AGE_GRACE,
    WORKER_PROCESSES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingLimits:
    """How many executions and connections an agent serves at once, and how old those become.

    The times are in seconds; 0 means no limit. Without `worker_processes`, as many may run as there
    are CPUs.
    """

    max_executions: int = MAX_EXECUTIONS.fallback
    max_connections: int = MAX_CONNECTIONS.fallback
    max_connection_age: float = MAX_CONNECTION_AGE.fallback
    max_connection_age_grace: float = MAX_CONNECTION_AGE_GRACE.fallback
    worker_processes: int | None = WORKER_PROCESSES.fallback

    @classmethod
    def read(cls, environ: Mapping[str, str], errors: list[str]) -> "ServingLimits":
        """Read the limits from `environ`; add a sentence to `errors` for each invalid value."""
        return cls(
            max_executions=MAX_EXECUTIONS.read(environ, errors),
            max_connections=MAX_CONNECTIONS.read(environ, errors),
            max_connection_age=MAX_CONNECTION_AGE.read(environ, errors),
            max_connection_age_grace=MAX_CONNECTION_AGE_GRACE.read(environ, errors),
            worker_processes=WORKER_PROCESSES.read(environ, errors),
        )
