"""The fixtures of the TLS tests: authorities and certificates."""

from pathlib import Path

import pytest

from tests.reliability.tls.certificates import LOOPBACK, Authority, Issued


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The CA that both sides trust."""
    return Authority(tmp_path)


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """A CA that nobody trusts."""
    return Authority(tmp_path, "strangers")


@pytest.fixture
def engine_identity(authority: Authority) -> Issued:
    """The engine's certificate, for the address that it listens on."""
    return authority.issue(*LOOPBACK)
