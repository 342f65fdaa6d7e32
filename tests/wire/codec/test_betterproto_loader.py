"""betterproto behaves the same with our loader as with its own imports."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from mirastack_sdk._wire.codec import betterproto_loader

_LEAN = "import mirastack_sdk, betterproto"
_PLAIN = "import betterproto"

# Prints what betterproto makes of times, durations, wrapped values and JSON.
_PROGRAM = """
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import List, Optional

@dataclass(eq=False, repr=False)
class Sample(betterproto.Message):
    at: datetime = betterproto.message_field(1)
    took: timedelta = betterproto.message_field(2)
    flag: Optional[bool] = betterproto.message_field(3, wraps=betterproto.TYPE_BOOL)
    text: Optional[str] = betterproto.message_field(4, wraps=betterproto.TYPE_STRING)
    data: Optional[bytes] = betterproto.message_field(5, wraps=betterproto.TYPE_BYTES)
    small: Optional[int] = betterproto.message_field(6, wraps=betterproto.TYPE_INT32)
    large: Optional[int] = betterproto.message_field(7, wraps=betterproto.TYPE_UINT64)
    part: Optional[float] = betterproto.message_field(8, wraps=betterproto.TYPE_FLOAT)
    exact: Optional[float] = betterproto.message_field(9, wraps=betterproto.TYPE_DOUBLE)
    times: List[datetime] = betterproto.message_field(10)

at = datetime(2026, 4, 8, 1, 2, 3, 456789, tzinfo=timezone.utc)
sample = Sample(
    at=at, took=timedelta(days=-1, microseconds=7), flag=False, text="ü", data=b"\\0", small=-1,
    large=2**64 - 1, part=0.5, exact=0.1, times=[at, at],
)
data = bytes(sample)
print(data.hex())
print(Sample().parse(data))
sample.data = None  # betterproto cannot write bytes as JSON
print(sample.to_json())
print(Sample().from_json(sample.to_json()))
print(betterproto.__version__)
"""


def _output(start: str, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"{start}\n{program}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_does_what_it_does_otherwise() -> None:
    """Times, durations, wrapped values, JSON and the version are the same."""
    assert _output(_LEAN, _PROGRAM) == _output(_PLAIN, _PROGRAM)


@pytest.mark.parametrize("module", list(betterproto_loader.STAND_INS))
def test_no_stand_in_is_left(module: str) -> None:
    """A module that a stand-in replaced can be imported afterwards."""
    program = f"import {module} as real; print(real.__spec__.origin)"
    assert _output(_LEAN, program) == _output(_PLAIN, program)


def test_what_is_loaded_already_stays() -> None:
    """An author's own modules are used, not replaced."""
    start = "import dateutil.parser, betterproto.lib.google.protobuf\n" + _LEAN
    program = """
import sys
print(betterproto.isoparse is dateutil.parser.isoparse)
print(betterproto.Timestamp is sys.modules["betterproto.lib.google.protobuf"].Timestamp)
"""
    assert _output(start, program) == "True\nTrue\n"


def test_the_start_is_lean() -> None:
    """An agent that serves imports none of the modules that the loader avoids."""
    program = f"import sys; print([name for name in {[*_SPARED]!r} if name in sys.modules])"
    assert _output("import mirastack_sdk", program) == "[]\n"


def test_the_version_is_the_one_that_is_installed() -> None:
    """The stand-in's version is the installed one."""
    assert version("betterproto") == betterproto_loader.VERSION


_SPARED = (
    "importlib.metadata",
    "dateutil.parser",
    "betterproto.lib.std.google.protobuf",
    "opentelemetry",
    "grpclib.client",
    "h2",
    "mirastack_sdk.testing",
    "mirastack_sdk._gen.gojson_codec",
    "mirastack_sdk._gen.protobuf_codec",
)
