"""Files with certificates, keys and tokens are read whole or refused by name."""

from pathlib import Path

import pytest

from mirastack_sdk._files.named_file import NamedFile
from mirastack_sdk._wire.tls.pem_files import read_text
from mirastack_sdk.errors import ConfigurationError


def test_a_file_of_four_mebibytes_is_read(tmp_path: Path) -> None:
    """One byte more is refused: such a file is no certificate, and is not held in memory."""
    path = tmp_path / "ca.pem"
    file = NamedFile("MIRASTACK_TLS_CA", str(path))
    path.write_bytes(bytes(4 << 20))
    assert len(read_text(file)) == 4 << 20
    path.write_bytes(bytes((4 << 20) + 1))
    with pytest.raises(
        ConfigurationError, match=r"MIRASTACK_TLS_CA: .*ca\.pem is larger than 4 MiB"
    ):
        read_text(file)
