"""A tenant's id follows from its slug alone."""

import pytest

from mirastack_sdk._core.settings.process_settings import tenant_id_from_slug


@pytest.mark.parametrize("slug", ["acme", "ACME", "  Acme\n"])
def test_the_slug_acme_names_the_published_tenant(slug: str) -> None:
    """The contract's own example, whatever its case and the blanks around it."""
    assert tenant_id_from_slug(slug) == "824a1531-d24a-549c-8003-23b0f2d206cd"


def test_different_slugs_name_different_tenants() -> None:
    """Two slugs never share an id."""
    assert tenant_id_from_slug("acme") != tenant_id_from_slug("acme2")
