"""What the C library does with memory that large messages leave behind."""

_LARGE_BYTES = 4 * 1024 * 1024


def keep_freed_memory() -> None:
    """Have memory of large messages kept for the next ones, where glibc is the C library.

    It gives all but 128 KiB of it back to the system at once, and each new message of 100 KB must
    fetch it anew, page by page: a fifth of what such a message costs. What is freed once in a large
    block teaches it that blocks up to that size come and go, and that twice as much may be kept
    (mallopt(3), M_MMAP_THRESHOLD). The block itself is never touched, so it uses no memory.
    """
    bytes(_LARGE_BYTES)
