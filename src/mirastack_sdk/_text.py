"""Text that any encoding, and a line of a log, can carry."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """`text` with each lone surrogate replaced by U+FFFD, as Go's decoder does.

    They come from escapes in JSON and from undecodable bytes in file names, and no encoder takes
    them.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def is_well_formed(text: str) -> bool:
    """Whether `text` can be encoded as it is."""
    return _SURROGATE.search(text) is None


def one_line(text: str, most: int = 500) -> str:
    """`text` as one line that can be printed, cut at `most` characters.

    What a peer sends must not look like lines of our own log.
    """
    line = "".join(c if c.isprintable() else " " for c in text[: most + 1])
    return line if len(line) <= most else line[:most] + "…"
