"""The text that finds out which field comes next in protobuf, and the bytes that announce one."""

from codegen.lines import indent
from codegen.model import Kind, Type
from codegen.scalars import SCALARS, SIZED, VARINT

type Case = tuple[int, str]
"""A tag, and the code that reads its field."""

DEPTH_LEFT = "if depth < 0:\n    raise nested_too_deeply()"
"""The start of a function that reads a message."""

FIELDS_LEFT = """
for _ in budget.fields:
    if position >= end:
        {result}
    tag = data[position]
    position += 1
    if tag > 0x7F:
        tag, position = read_tag(data, position - 1, end)
""".strip()
"""The start of the loop over the fields of a message; it also bounds their number."""

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


def dispatch(cases: list[Case], other: str) -> str:
    """Return the text that runs the code of the case for `tag`, or `other`."""
    if not cases:
        return other
    if len(cases) > _LONGEST_CHAIN:
        ordered = sorted(cases)
        middle = len(ordered) // 2
        return (
            f"if tag < {ordered[middle][0]:#04x}:\n{indent(dispatch(ordered[:middle], other))}\n"
            f"else:\n{indent(dispatch(ordered[middle:], other))}"
        )
    keyword = "if"
    chain = ""
    for tag, body in cases:
        chain += f"{keyword} tag == {tag:#04x}:\n{indent(body)}\n"
        keyword = "elif"
    return f"{chain}else:\n{indent(other)}"
