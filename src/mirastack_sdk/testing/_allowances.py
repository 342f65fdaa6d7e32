"""The rules of engines that a test may switch off, and the checks of what agents send."""

from collections.abc import Collection, Iterable
from typing import Literal, get_args

from mirastack_sdk._core.model.declarations import Permission

__all__ = ["Allowance", "cache_key_error", "checked_allowances", "permission_error"]

type Allowance = Literal["foreign_cache_keys", "read_approvals"]
"""What an engine for tests accepts although real engines, or their operators, object to it.

`foreign_cache_keys` are cache keys without the agent's name, `read_approvals` requests for approval
of a READ action.
"""

_ALLOWANCES: tuple[str, ...] = get_args(Allowance.__value__)


def checked_allowances(given: Collection[Allowance]) -> frozenset[str]:
    """The allowances; raises `ValueError` for one that there is not."""
    unknown = [name for name in given if name not in _ALLOWANCES]
    if isinstance(given, str) or unknown:
        known = ", ".join(_ALLOWANCES)
        raise ValueError(f"allow must be a set of {known}, got {given!r}")
    return frozenset(given)


def cache_key_error(agent: str, keys: Iterable[str], *, is_write: bool) -> str | None:
    """What is wrong with keys that an agent reads or writes, or `None`.

    Agents of a tenant share one cache. They may read the entries of others, so a key that is read
    needs any agent's name before its first colon. `agent` is empty if its name is not known.
    """
    for key in keys:
        owner, colon, _ = key.partition(":")
        if not (owner.strip() and colon) or (is_write and agent and owner != agent):
            name = agent or "the agent's name"
            return f"the cache key {key!r} does not start with {name} and a colon"
    return None


def permission_error(permission: Permission) -> str | None:
    """Why an engine rejects a request for approval, or `None`."""
    if permission in (Permission.MODIFY, Permission.ADMIN):
        return None
    return f"approvals are for MODIFY and ADMIN, got {permission.name}"
