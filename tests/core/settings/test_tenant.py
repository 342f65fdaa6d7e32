"""The id of a tenant depends only on its slug."""

import pytest

from mirastack_sdk._core.settings.process_settings import tenant_id_from_slug


@pytest.mark.contract("Environment: the tenant id from a slug is a UUIDv5")
@pytest.mark.parametrize("slug", ["acme", "ACME", "  Acme\n"])
def test_the_slug_acme_names_the_published_tenant(slug: str) -> None:
    """The contract's example holds for any case and with surrounding blanks."""
    assert tenant_id_from_slug(slug) == "824a1531-d24a-549c-8003-23b0f2d206cd"


def test_different_slugs_name_different_tenants() -> None:
    """Different slugs have different ids."""
    assert tenant_id_from_slug("acme") != tenant_id_from_slug("acme2")
