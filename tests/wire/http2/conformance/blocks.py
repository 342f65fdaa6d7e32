"""HPACK header blocks written by hand, after the diagrams in RFC 7541 sections 5 and 6."""

type Fields = tuple[tuple[str, str], ...]

REQUEST: Fields = (
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/kitchen.Kettle/Boil"),
    (":authority", "localhost"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
)
RESPONSE: Fields = ((":status", "200"), ("content-type", "application/grpc"))
TRAILERS: Fields = (("grpc-status", "0"),)

FIRST_DYNAMIC = 62


def integer(value: int, prefix_bits: int, pattern: int = 0) -> bytes:
    """Write a number after a prefix in the first octet's high bits (section 5.1)."""
    most = 2**prefix_bits - 1
    if value < most:
        return bytes([pattern | value])
    octets, value = [pattern | most], value - most
    while value >= 128:
        octets.append(value % 128 + 128)
        value //= 128
    return bytes([*octets, value])


def string(value: str) -> bytes:
    """Write a string without Huffman coding (section 5.2)."""
    return integer(len(value), 7) + value.encode("latin-1")


def indexed(index: int) -> bytes:
    """Write a field that is in a table (section 6.1)."""
    return integer(index, 7, 0x80)


def inserted(name: str, value: str) -> bytes:
    """Write a field that is added to the dynamic table (section 6.2.1)."""
    return b"\x40" + string(name) + string(value)


def literal(name: str, value: str) -> bytes:
    """Write a field that is not added to the table (section 6.2.2)."""
    return b"\x00" + string(name) + string(value)


def never_indexed(name: str, value: str) -> bytes:
    """Write a field that must never be added to a table (section 6.2.3)."""
    return b"\x10" + string(name) + string(value)


def table_size(size: int) -> bytes:
    """Write a change of the dynamic table's size (section 6.3)."""
    return integer(size, 5, 0x20)


def block(*fields: tuple[str, str]) -> bytes:
    """Write fields without changing the dynamic table."""
    return b"".join(literal(name, value) for name, value in fields)


def request(*more: tuple[str, str], without: str = "") -> bytes:
    """Write a valid request, with additional fields or without one."""
    kept = (field for field in REQUEST if field[0] != without)
    return block(*kept, *more)


def response(*more: tuple[str, str]) -> bytes:
    """Write a valid response, with additional fields."""
    return block(*RESPONSE, *more)
