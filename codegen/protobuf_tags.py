"""The text that finds out which field comes next in protobuf, and the bytes that announce one."""

from codegen.lines import indent
from codegen.model import Kind, Type
from codegen.scalars import SCALARS, SIZED, VARINT

type Case = tuple[int, str]
"""A tag, and the code that reads its field."""

DEPTH_LEFT = "if depth < 0:\n    raise nested_too_deeply()"
"""The start of a function that reads a message."""

_FIELDS_LEFT = """
for _ in budget.fields:
    if position >= end:
        {result}
    tag = data[position]
    position += 1
    if tag > 0x7F:
        tag, position = read_tag(data, position - 1, end)
""".strip()
"""The start of the loop over the fields of a message; it also bounds their number."""

# Most fields are sized, and most sizes take one byte, so they are read here without a call.
_SPAN = """
before = position
start = position + 1
if position >= end or (size := data[position]) > 0x7F or (position := start + size) > end:
    start, position = read_span(data, before, end)
""".strip()

_NOT_UTF8 = """
except UnicodeDecodeError as error:
    raise not_utf8(start, error) from None
""".strip()

# A chain of comparisons is the fastest for few fields, and easy to read. A long one is slow, and
# Python's compiler cannot compile it, so it is divided in halves.
_LONGEST_CHAIN = 60


def wire_type(value_type: Type) -> int:
    """Return the wire type of a value."""
    match value_type.kind:
        case Kind.SCALAR:
            return SCALARS[value_type.name].wire_type
        case Kind.ENUM:
            return VARINT
        case _:
            return SIZED


def tag_of(number: int, kind: int) -> int:
    """Return the tag of a field."""
    return number << 3 | kind


def tag_text(number: int, kind: int) -> str:
    """Return the bytes of a tag as a literal."""
    tag = tag_of(number, kind)
    data = bytearray()
    while tag > 0x7F:
        data.append(tag & 0x7F | 0x80)
        tag >>= 7
    data.append(tag)
    return f'b"{"".join(f"\\x{byte:02x}" for byte in data)}"'


def read_fields(result: str, cases: list[Case], other: str) -> str:
    """Return the text that reads the fields of a message, and runs `result` at its end.

    `cases` read the known fields, and `other` the unknown ones, where `{at}` is the position after
    the tag.
    """
    sized = [case for case in cases if case[0] & 7 == SIZED]
    numbers = [case for case in cases if case[0] & 7 != SIZED]
    unsized = _dispatch(numbers, other.format(at="position"))
    if sized:
        read_sized = f"{_SPAN}\n{_dispatch(sized, other.format(at='before'))}"
        others = f"el{unsized}" if numbers else f"else:\n{indent(unsized)}"
        ways = f"if tag & 7 == {SIZED}:\n{indent(read_sized)}\n{others}"
    else:
        ways = unsized
    loop = f"{_FIELDS_LEFT.format(result=result)}\n{indent(ways)}"
    if any(".decode()" in body for _, body in sized):
        loop = f"start = 0\ntry:\n{indent(loop)}\n{_NOT_UTF8}"
    return f"{loop}\nraise too_many_fields()"


def _dispatch(cases: list[Case], other: str) -> str:
    """Return the text that runs the code of the case for `tag`, or `other`."""
    if not cases:
        return other
    if len(cases) > _LONGEST_CHAIN:
        ordered = sorted(cases)
        middle = len(ordered) // 2
        return (
            f"if tag < {ordered[middle][0]:#04x}:\n{indent(_dispatch(ordered[:middle], other))}\n"
            f"else:\n{indent(_dispatch(ordered[middle:], other))}"
        )
    keyword = "if"
    chain = ""
    for tag, body in cases:
        chain += f"{keyword} tag == {tag:#04x}:\n{indent(body)}\n"
        keyword = "elif"
    return f"{chain}else:\n{indent(other)}"
