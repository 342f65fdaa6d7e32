"""The messages of engine calls carry every field of the documented types."""

import pytest

from mirastack_sdk._core.contract import engine_messages
from mirastack_sdk._gen import messages as wire


@pytest.mark.contract("The messages: optional messages may be absent")
def test_a_licence_without_quotas_has_none() -> None:
    """Missing quotas are `None`, not zero."""
    assert engine_messages.license_snapshot(wire.LicenseContext()).quotas is None
