"""Advice about permissions that do not fit what an action does."""

from collections.abc import Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent, place_of
from mirastack_sdk._cli.advice.finding import KINDS, Finding, finding
from mirastack_sdk._cli.advice.own_words import stem, words_of
from mirastack_sdk._core.model.declarations import Action, Permission

_ADMIN = KINDS["MA303"].fix
_DELETING = frozenset(("delete", "destroy", "drop", "erase", "purge", "terminate", "wipe"))
_CHANGING = _DELETING | frozenset(
    (
        *("acknowledge", "apply", "cancel", "cordon", "create", "deploy", "disable", "drain"),
        *("edit", "enable", "evict", "flush", "grant", "insert", "install", "kill", "modify"),
        *("mute", "patch", "pause", "promote", "provision", "reboot", "remove", "reset", "restart"),
        *("restore", "resume", "revert", "revoke", "rollback", "rotate", "scale", "send", "set"),
        *("shutdown", "silence", "stop", "suspend", "trigger", "uncordon", "uninstall", "unmute"),
        *("update", "upgrade", "upload"),
    )
)
_READING = frozenset(
    (
        *("analyse", "analyze", "compare", "count", "describe", "explain", "fetch", "find", "get"),
        *("inspect", "list", "look", "lookup", "query", "read", "search", "show", "summarise"),
        *("summarize", "view"),
    )
)


def permission_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about actions that change something too easily, or read too hard."""
    for action in agent.schema.actions:
        permission, verb = agent.permission_of(action), _verb_of(action)
        if verb in _CHANGING and permission is Permission.READ:
            what = f'"{verb}" changes something, and callers need only READ'
            fix = _ADMIN if verb in _DELETING else ""
            yield finding("MA301", place_of(action), what, fix=fix, action=action.name)
        elif verb in _DELETING and permission is Permission.MODIFY:
            what = f'"{verb}" deletes something, and callers need only MODIFY'
            yield finding("MA303", place_of(action), what, action=action.name)
        elif verb in _READING and permission is not Permission.READ and not _changes(action):
            what = f'"{verb}" only reads, and callers need {permission.name}'
            yield finding("MA302", place_of(action), what, action=action.name)


def _changes(action: Action) -> bool:
    """Whether a later word says so, as in "get_or_create" or "check_and_restart"."""
    return not _CHANGING.isdisjoint(stem(word) for word in words_of(action.name))


def _verb_of(action: Action) -> str:
    """The verb that a name or a description begins with, if it is one that we know."""
    named, described = words_of(action.name), words_of(action.description)
    # "restarts" is a noun in a name, and a verb in "Restarts a service".
    for verb in (*named[:1], *described[:1], *map(stem, described[:1])):
        if verb in _CHANGING or verb in _READING:
            return verb
    return ""
