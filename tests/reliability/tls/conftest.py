"""What the tests of TLS share: authorities, and a log to look into."""

from pathlib import Path

import pytest

from tests.reliability.tls.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The CA that both sides trust."""
    return Authority(tmp_path)


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """A CA that nobody trusts."""
    return Authority(tmp_path, "strangers")
