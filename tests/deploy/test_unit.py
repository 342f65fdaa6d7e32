"""The unit of systemd: valid and hardened."""

import re
import sys
from pathlib import Path

import pytest

from tests.deploy.checkers import passes, systemd_analyze
from tests.deploy.manifests import UNIT, unit_settings

# What systemd-analyze calls its worst finding in the unit: 0 is best, 10 is no protection at all.
MOST_EXPOSED = 1.5


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, whose program is there."""
    text = UNIT.read_text(encoding="utf-8")
    (tmp_path / UNIT.name).write_text(
        re.sub(r"^ExecStart=.*$", f"ExecStart={sys.executable}", text, flags=re.MULTILINE),
        encoding="utf-8",
    )
    return tmp_path / UNIT.name


def verified(unit: Path) -> str:
    """What systemd finds in a unit."""
    instance = unit.name.replace("@", "@my-agent")
    done = systemd_analyze("verify", "--man=no", instance, folder=unit.parent)
    return passes(done) + done.stderr


def test_systemd_accepts_it(unit: Path) -> None:
    """Each setting exists and has a value that can be used."""
    assert verified(unit) == ""


def test_a_setting_that_does_not_exist_is_noticed(unit: Path) -> None:
    """A mere warning counts."""
    text = unit.read_text(encoding="utf-8")
    unit.write_text(text.replace("TimeoutStopSec", "TimeoutStopSeconds"), encoding="utf-8")
    assert "TimeoutStopSeconds" in verified(unit)


def test_it_is_hardened(unit: Path) -> None:
    """By the measure of systemd itself."""
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    done = systemd_analyze(
        "security", "--no-pager", "--offline=true", threshold, unit, folder=unit.parent
    )
    passes(done)


def test_it_has_limits() -> None:
    """An agent cannot take the machine's memory, processes or descriptors."""
    assert unit_settings().keys() >= {"MemoryMax", "TasksMax", "LimitNOFILE"}
