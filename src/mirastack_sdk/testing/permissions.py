"""The contract's permissions, as agents declare them."""

from collections.abc import Mapping

from mirastack_sdk._core.model.declarations import Permission
from mirastack_sdk._gen import messages as wire

# The contract has one more, WRITE, and the documentation no word for it.
DECLARED: Mapping[wire.Permission, Permission] = {
    wire.Permission.READ: Permission.READ,
    wire.Permission.MODIFY: Permission.MODIFY,
    wire.Permission.ADMIN: Permission.ADMIN,
}
DECLARED_NAMES = ", ".join(permission.name for permission in DECLARED)


def declared_permission(permission: wire.Permission) -> Permission:
    """Return the documented permission; raises `ValueError` where there is none."""
    known = DECLARED.get(permission)
    if known is None:
        raise ValueError(f"permission {permission.name} is not one of {DECLARED_NAMES}")
    return known
