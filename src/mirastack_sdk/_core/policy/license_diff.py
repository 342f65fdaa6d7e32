"""What changed between two licence snapshots."""

from typing import NamedTuple

from mirastack_sdk._core.model.engine_api import License

__all__ = ["FieldChange", "LicenseChange", "license_changes"]

_WATCHED = ("active", "effective_tier", "grace_mode", "expires_at")


class FieldChange(NamedTuple):
    """One field's value before and after; `before` is `None` where nothing was known."""

    name: str
    before: object
    after: object

    def __str__(self) -> str:
        """`name: before -> after`."""
        return f"{self.name}: {self.before} -> {self.after}"


class LicenseChange(NamedTuple):
    """What an operator should know about the licence.

    `is_warning` says that it has turned inactive or into grace.
    """

    fields: tuple[FieldChange, ...]
    is_warning: bool

    def __str__(self) -> str:
        """The changed fields, comma-separated."""
        return ", ".join(map(str, self.fields))


def license_changes(before: License | None, after: License | None) -> LicenseChange | None:
    """What changed, or `None` if nothing that matters did.

    The first snapshot changes every field. No snapshot after one says nothing new: the last known
    licence stays.
    """
    if after is None:
        return None
    fields = tuple(
        FieldChange(name=name, before=getattr(before, name, None), after=getattr(after, name))
        for name in _WATCHED
        if getattr(before, name, None) != getattr(after, name)
    )
    if not fields:
        return None
    turned_inactive = not after.active and (before is None or before.active)
    turned_into_grace = after.grace_mode and not (before is not None and before.grace_mode)
    return LicenseChange(fields=fields, is_warning=turned_inactive or turned_into_grace)
