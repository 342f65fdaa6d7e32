"""Names that generated code cannot give away."""

import enum
import re
from collections.abc import Iterable

import betterproto

from codegen.refusal import RefusalError

TYPE_NAMES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
"""What annotations are made of: an attribute of that name would be taken for the type."""

MODULE_NAMES = frozenset(
    {
        "Awaitable",
        "Budget",
        "Callable",
        "Cardinality",
        "CodecTable",
        "Deadline",
        "GRPCError",
        "Handler",
        "Message",
        "MessageCodec",
        "MetadataLike",
        "None",
        "NoReturn",
        "ProtoEnum",
        "Self",
        "ServiceStub",
        "Status",
        "Stream",
        "True",
        "False",
    }
)
"""Names that the generated modules have already."""

MESSAGE_ATTRIBUTES = frozenset(dir(betterproto.Message)) | {"betterproto", "self"}
STUB_ATTRIBUTES = frozenset(dir(betterproto.ServiceStub)) | {
    "channel",
    "deadline",
    "metadata",
    "self",
    "timeout",
}
ENUM_ATTRIBUTES = frozenset(dir(enum.IntEnum)) | {"from_number", "is_known", "mro"}

_CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")


def check_type_name(name: str, place: str, construct: str) -> None:
    """Refuse a name that no class of generated code may have."""
    if not _CAMEL_CASE.fullmatch(name):
        raise RefusalError(place, construct, "its name must be CamelCase")
    if name in MODULE_NAMES:
        raise RefusalError(place, construct, f"{name} is a name of the generated code itself")


def check_distinct(names: Iterable[tuple[str, str, str]]) -> None:
    """Refuse two constructs that would have one Python name.

    Each item is the Python name, the construct and its place.
    """
    seen: dict[str, str] = {}
    for name, construct, place in names:
        if name in seen:
            raise RefusalError(place, construct, f"it and {seen[name]} would both be named {name}")
        seen[name] = construct
