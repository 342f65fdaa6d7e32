"""The id of a tenant."""

from mirastack_sdk._core.settings import process_settings

__all__ = ["id_from_slug"]


def id_from_slug(slug: str) -> str:
    """The tenant id that every part of the platform derives from a slug such as "acme"."""
    return process_settings.tenant_id_from_slug(slug)
