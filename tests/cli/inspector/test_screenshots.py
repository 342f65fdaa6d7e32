"""The screenshots in docs/inspector.md are taken of the page as it is."""

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.cli.inspector import screenshots

DOCUMENT = screenshots.IMAGES.parent / "inspector.md"
LARGEST = 150_000


def size(image: Path) -> bytes:
    """The width and the height in the header of a PNG."""
    data = image.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return data[16:24]


def test_every_screenshot_of_the_documentation_can_be_taken_again(
    browser: Browser, tmp_path: Path
) -> None:
    """Those that are taken are those that are stored and shown; all are small files."""
    taken = screenshots.take(browser, tmp_path)
    stored = sorted(screenshots.IMAGES.iterdir())
    assert [image.name for image in stored] == sorted(image.name for image in taken)
    shown = re.findall(r"\]\(images/(\S+)\)", DOCUMENT.read_text(encoding="utf-8"))
    assert sorted(shown) == [image.name for image in stored]
    for image in stored:
        assert image.stat().st_size < LARGEST
        assert size(image) == size(tmp_path / image.name)
