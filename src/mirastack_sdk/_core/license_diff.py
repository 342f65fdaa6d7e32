# LEAD: written to unblock the runtime. Core: keep names and signatures; review, harden, test.
"""What has changed between two snapshots of the engine's licence."""

from dataclasses import dataclass

from mirastack_sdk._core.engine_types import License

_WATCHED = ("active", "effective_tier", "grace_mode", "expires_at")


@dataclass(frozen=True, slots=True)
class LicenseChanges:
    """The watched fields that changed, as `(name, before, after)`; `before` is `None` at first."""

    fields: tuple[tuple[str, object, object], ...]
    is_warning: bool

    def __str__(self) -> str:
        """One line for the log."""
        return ", ".join(f"{name} {before} -> {after}" for name, before, after in self.fields)


def license_changes(before: License | None, after: License) -> LicenseChanges | None:
    """Return what changed, or `None`; a licence turning inactive or into grace is a warning."""
    fields = tuple(
        (name, None if before is None else getattr(before, name), getattr(after, name))
        for name in _WATCHED
        if before is None or getattr(before, name) != getattr(after, name)
    )
    if not fields:
        return None
    was_active = before is None or before.active
    was_in_grace = before is not None and before.grace_mode
    is_warning = (was_active and not after.active) or (after.grace_mode and not was_in_grace)
    return LicenseChanges(fields, is_warning)
