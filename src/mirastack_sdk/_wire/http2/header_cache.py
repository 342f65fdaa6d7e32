"""A cache of what header lists mean, which a peer cannot fill beyond a number of bytes."""

from mirastack_sdk._wire.http2.events import Headers

_MAX_ENTRIES = 128
_MAX_BYTES = 64 * 1024
# Few, since a few bytes can expand to a lot.
_MAX_HEADERS = 64
_MAX_ENTRY_BYTES = 4_096
# What Python needs for a header besides its text, and for an entry.
_HEADER_OVERHEAD = 180
_ENTRY_OVERHEAD = 300


class HeaderCache[Key, Value]:
    """Entries that are removed before they grow too large; large header lists are left out.

    Read `entries`, and write with `keep`.
    """

    __slots__ = ("_bytes", "entries")

    def __init__(self) -> None:
        self.entries: dict[Key, Value] = {}
        self._bytes = 0

    def keep(self, key: Key, value: Value, headers: Headers, *, also: int = 0) -> None:
        """Keep a value for headers, which with `also` more bytes are the size of the entry."""
        size = also + sum(len(name) + len(text) for name, text in headers)
        if len(headers) > _MAX_HEADERS or size > _MAX_ENTRY_BYTES:
            return
        size += _ENTRY_OVERHEAD + len(headers) * _HEADER_OVERHEAD
        if len(self.entries) >= _MAX_ENTRIES or self._bytes + size > _MAX_BYTES:
            self.clear()
        self.entries[key] = value
        self._bytes += size

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self._bytes = 0
