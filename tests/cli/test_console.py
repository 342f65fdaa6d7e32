"""Escape codes are for terminals, and only if nobody objects."""

import io

import pytest

from mirastack_sdk._cli import console
from tests.cli.terminals import Terminal


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with colors, about which the environment says nothing else."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(console, "_is_plain", False)


def printed(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    """What a bold and a colored text become."""
    monkeypatch.setattr("sys.stdout", stream)
    console.output_console().print("[title]bold[/] [bad]red[/]")
    return stream.getvalue()


def test_a_terminal_gets_escape_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests would pass without any, so this one shows that there are some."""
    assert printed(monkeypatch, Terminal()) == "\x1b[1mbold\x1b[0m \x1b[31mred\x1b[0m\n"


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even bold is left."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed(monkeypatch, Terminal()) == "bold red\n"


def test_an_empty_no_color_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """As https://no-color.org has it."""
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b" in printed(monkeypatch, Terminal())


def test_the_option_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--no-color` has the same effect."""
    console.use_plain_text()
    assert printed(monkeypatch, Terminal()) == "bold red\n"


def test_a_file_gets_no_escape_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is redirected is read by programs."""
    assert printed(monkeypatch, io.StringIO()) == "bold red\n"
