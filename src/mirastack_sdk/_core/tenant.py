"""Which tenant a slug names."""

import uuid

__all__ = ["tenant_id_from_slug"]

_NAMESPACE = uuid.UUID("f9f3a4d4-2c64-5b9e-9e25-8a8b6f6f6f6f")


def tenant_id_from_slug(slug: str) -> str:
    """The id every part of the platform derives from `slug`; blanks and case do not matter."""
    return str(uuid.uuid5(_NAMESPACE, f"tenant:{slug.strip().lower()}"))
