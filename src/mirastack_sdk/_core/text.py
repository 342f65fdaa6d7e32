"""Text that any encoding can carry."""

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
