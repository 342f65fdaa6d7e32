"""The difference between two snapshots of the license."""

from mirastack_sdk._core.model.engine_api import License
from mirastack_sdk._deferred.named_tuples import NamedTuple

_WATCHED = ("active", "effective_tier", "grace_mode", "expires_at")


class FieldChange(NamedTuple):
    """One field's value before and after; `before` is `None` if it was not known."""

    name: str
    before: object
    after: object

    def __str__(self) -> str:
        """`name: before -> after`, or `name: after` if nothing was known before."""
        if self.before is None:
            return f"{self.name}: {self.after}"
        return f"{self.name}: {self.before} -> {self.after}"


class LicenseChange(NamedTuple):
    """The changes of the license that concern operators.

    `is_warning` is true if the license has become inactive or entered its grace period.
    """

    fields: tuple[FieldChange, ...]
    is_warning: bool

    def __str__(self) -> str:
        """The changed fields, comma-separated."""
        return ", ".join(map(str, self.fields))


def license_changes(before: License | None, after: License | None) -> LicenseChange | None:
    """The changes from `before` to `after`, or `None` if there are none that concern operators.

    In the first snapshot, every field has changed. A missing `after` is not a change: the last
    known license stays valid.
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
