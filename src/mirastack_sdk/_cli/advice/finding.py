"""Findings about an agent, and the codes that name their kinds."""

import enum
from collections.abc import Mapping

from mirastack_sdk._deferred.dataclasses import dataclass


class Severity(enum.Enum):
    """What a finding means for the agent."""

    ERROR = "error"
    """Engines refuse the agent, or callers of it break."""
    ADVICE = "advice"
    """The agent works, but less well than it could."""
    NOTE = "note"
    """Something changed, and callers need not care."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingKind:
    """A kind of finding: what it is about, and what to do about it."""

    severity: Severity
    about: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: its code, its place, and one sentence each for what is wrong and what to do.

    `action` is the action that it concerns, or empty.
    """

    code: str
    place: str
    what: str
    fix: str
    action: str = ""

    @property
    def severity(self) -> Severity:
        """The severity of its kind."""
        return KINDS[self.code].severity


def finding(code: str, place: str, what: str, *, fix: str = "", action: str = "") -> Finding:
    """Return a finding; without a `fix` of its own, it has that of its kind."""
    return Finding(code=code, place=place, what=what, fix=fix or KINDS[code].fix, action=action)


def _error(about: str, fix: str) -> FindingKind:
    return FindingKind(severity=Severity.ERROR, about=about, fix=fix)


def _advice(about: str, fix: str) -> FindingKind:
    return FindingKind(severity=Severity.ADVICE, about=about, fix=fix)


KINDS: Mapping[str, FindingKind] = {
    "MA001": _error(
        "a declaration that engines refuse",
        "Change the declaration as the sentence says; until then, the agent does not start.",
    ),
    "MA101": _advice(
        "a description of an action that is too short to choose the action by",
        "Say what the action does, with what, and what it returns.",
    ),
    "MA102": _advice(
        "a description that only repeats the name",
        "Say what the name does not say: the meaning, the source, the limits.",
    ),
    "MA103": _advice(
        "a description of an action that does not say when to use it",
        'Add a sentence such as "Use this when a service is slow".',
    ),
    "MA104": _advice(
        "two actions with the same description",
        "Say in each description how the action differs from the other.",
    ),
    "MA201": _advice(
        "an input parameter without a description",
        "Describe its meaning, with an example of a value.",
    ),
    "MA202": _advice(
        "an output without a description",
        "Describe what the output contains.",
    ),
    "MA203": _advice(
        "an action that declares no outputs",
        "Declare output_params, so that later steps of a workflow know what there is.",
    ),
    "MA204": _advice(
        "a number or a time without a unit or a format",
        'Name the unit, such as "in seconds", or the format, such as "RFC 3339".',
    ),
    "MA205": _advice(
        "parameters for start and end in an agent that ignores the time range",
        "Use the time range of the request, which the engine has parsed already, and the "
        "parameters only without one.",
    ),
    "MA301": _advice(
        "an action that changes something and needs only READ",
        "Declare Permission.MODIFY for the action, so that a human approves it.",
    ),
    "MA302": _advice(
        "an action that only reads and needs more than READ",
        "Declare Permission.READ for the action; otherwise a human has to approve each call.",
    ),
    "MA303": _advice(
        "an action that deletes something and needs only MODIFY",
        "Declare Permission.ADMIN for the action, which is meant for deletions.",
    ),
    "MA401": _error(
        "a prompt template that is not valid in Go's text/template",
        "Correct the syntax: engines cannot parse the template.",
    ),
    "MA402": _advice(
        "a prompt template over 2 KB",
        "Shorten it to what the step needs, or split it.",
    ),
    "MA403": _advice(
        "a prompt template that is written into the source",
        "Move it to a file templates/NAME.tmpl, and read it with PromptTemplate.load(folder).",
    ),
    "MA404": _advice(
        "a prompt template that tells the model who it is",
        "Remove the sentence: the engine's own template does that.",
    ),
    "MA405": _advice(
        "a prompt template whose name other agents may use as well",
        "Begin its name with that of the agent or of an action: engines skip a template whose name "
        "they know already.",
    ),
    "MA406": _advice(
        "two prompt templates with the same name",
        "Rename one of them: engines keep only the first.",
    ),
    "MA501": _advice(
        "a config parameter that holds a secret and does not say so",
        "Set secret=True, or use Secret[str] in a config class, so that nobody sees its value.",
    ),
    "MA601": _advice(
        "a URL that is fixed in the source or in a default",
        "Let operators set it: a config parameter, or a variable of the environment.",
    ),
    "MA602": _advice(
        "a credential in the source or in a default",
        "Remove it and replace it at its issuer; read it from a secret config parameter or the "
        "environment.",
    ),
    "MA701": _advice(
        "no health check, or one that checks nothing",
        "Call the backend in health_check (or @agent.health), and raise if it does not respond.",
    ),
    "MA702": _advice(
        "an action whose routing is derived from its description alone",
        "Declare intents, or routing semantics if questions reach the wrong action.",
    ),
    "MA703": _advice(
        "an intent that several actions have",
        "Keep it for one of them, or make the phrases differ: the engine can follow only one.",
    ),
    "MA801": _error(
        "an action that was removed or renamed",
        "Keep the action until no workflow uses it.",
    ),
    "MA802": _error(
        "an input parameter that is required now",
        "Give it a default, and make it optional.",
    ),
    "MA803": _error(
        "an input parameter that was removed",
        "Keep accepting it, even if it has no effect any more.",
    ),
    "MA804": _error(
        "an input parameter that accepts less than before",
        "Accept what was accepted, or give the new meaning a new name.",
    ),
    "MA805": _error(
        "a permission that was raised",
        "Tell operators: callers that were allowed need an approval now.",
    ),
    "MA806": _error(
        "an output that was removed",
        "Keep the output until no workflow uses it.",
    ),
    "MA807": _error(
        "an output whose type or presence callers cannot rely on any more",
        "Return what was returned, or give the new content a new name.",
    ),
    "MA808": _error(
        "a config parameter that was removed",
        "Keep reading it, or tell operators to change their config first.",
    ),
    "MA809": _error(
        "a config parameter that is required now, or of another type",
        "Give it a default, and accept the values that are stored.",
    ),
    "MA810": _error(
        "an agent that was renamed",
        "Keep the name: workflows call the agent by it.",
    ),
    "MA811": _advice(
        "a prompt template that changed under its old name",
        "Give it a new name: engines skip a template whose name they know already.",
    ),
    "MA890": FindingKind(
        severity=Severity.NOTE,
        about="a change since the baseline that breaks no caller",
        fix="Nothing to do.",
    ),
}
"""All kinds of findings by their codes, which never change their meaning."""
