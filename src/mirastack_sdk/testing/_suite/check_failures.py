"""The errors of failed checks: what was expected, what was found, and how to fix it."""

from collections.abc import Iterable, Mapping
from unittest import SkipTest

from mirastack_sdk._deferred.dataclasses import dataclass

PAGE = "docs/standard-suite.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a check expects, and what to do about an agent that fails it."""

    expected: str
    fix: str


CARD, START, ROUTING = "card", "start", "routing"
UNKNOWN_ACTION, MISSING, WRONG = "unknown-action", "missing-parameters", "wrong-parameters"
HEALTH, CONFIG, TIME_RANGE = "health", "live-config", "time-range"
LEAKS, CANCELLATION, LOOP = "nothing-internal", "cancellation", "event-loop"
SHUTDOWN, RESULTS, CACHE_KEYS = "shutdown", "results", "cache-keys"

ADVICE: Mapping[str, Advice] = {
    CARD: Advice(
        expected="info() and schema() declare all that engines require",
        fix="complete the declarations; serve() would refuse to start with the same list.",
    ),
    START: Advice(
        expected="the agent starts and serves",
        fix="let its lifespans start with the suite's `environ` and `config`, or set these.",
    ),
    ROUTING: Advice(
        expected="each action has words of its own by which the engine can choose it",
        fix="give each action its own description and intents.",
    ),
    UNKNOWN_ACTION: Advice(
        expected="an action that does not exist is reported as unknown",
        fix='return ExecuteResponse(logs=[f"unknown action: {req.action}"]) for other actions.',
    ),
    MISSING: Advice(
        expected="a missing parameter is reported by its name",
        fix="check the parameter, and name it in a line of `logs`; typed actions do it for you.",
    ),
    WRONG: Advice(
        expected="a parameter of a wrong type is reported by its name",
        fix="convert the parameter, and name it in a line of `logs`; typed actions do it for you.",
    ),
    HEALTH: Advice(
        expected="the health check succeeds beside a backend, and fails without one",
        fix="let health_check make a cheap call of the backend, and raise if that fails.",
    ),
    CONFIG: Advice(
        expected="a pushed config is used at once, and one that is not valid is refused",
        fix="apply the whole config in config_updated, and raise for what is not valid.",
    ),
    TIME_RANGE: Advice(
        expected="each action works with a time range, and without one",
        fix="use a default when req.time_range is None, such as the last hour.",
    ),
    LEAKS: Advice(
        expected="no response contains secrets, addresses, paths or tracebacks",
        fix="say what happened in your own words instead of passing on an exception's text.",
    ),
    CANCELLATION: Advice(
        expected="an action ends when its call is cancelled",
        fix="clean up in `finally`, and let asyncio.CancelledError pass.",
    ),
    LOOP: Advice(
        expected="no code blocks the event loop for 100 ms",
        fix="use an async library, or make the action a plain `def`, which runs in a thread, or in "
        'a process with run_in="process" if it computes.',
    ),
    SHUTDOWN: Advice(
        expected="the agent stops within the grace period, and leaves nothing running",
        fix="close what was opened with a timeout, and cancel the tasks that you started.",
    ),
    RESULTS: Advice(
        expected="each action returns a result that is JSON of a limited size",
        fix='put the result into output["result"] with json.dumps, and limit it.',
    ),
    CACHE_KEYS: Advice(
        expected="each cache key starts with the agent's name and a colon",
        fix='use keys such as "my_agent:services": agents of a tenant share one cache.',
    ),
}


def fail_if_any(check: str, problems: Iterable[str]) -> None:
    """Raise the error of a failed check, unless there are no problems."""
    __tracebackhide__ = True
    found = list(dict.fromkeys(problems))
    if not found:
        return
    advice = ADVICE[check]
    lines = "\n".join(f"  - {problem}" for problem in found)
    raise AssertionError(
        f"Expected: {advice.expected}.\nFound:\n{lines}\n"
        f"To fix it: {advice.fix}\nSee {PAGE}#{check}."
    )


def skip(check: str, reason: str) -> SkipTest:
    """Why a check cannot be made, as an exception to raise; test runners report it."""
    return SkipTest(f"{reason}; see {PAGE}#{check}")
