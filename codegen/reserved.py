"""The names that the contract cannot use, because generated code uses them."""

import enum
import re

import betterproto

from codegen.construct import Construct

TYPE_NAMES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
"""Names of types in annotations, which an attribute of the same name would hide."""

MODULE_NAMES = frozenset(
    {
        *(
            "AsyncIterable",
            "AsyncIterator",
            "Budget",
            "CODECS",
            "Callable",
            "Caller",
            "CodecTable",
            "False",
            "Field",
            "GRPCError",
        ),
        *(
            "Handler",
            "Handlers",
            "Iterable",
            "Mapping",
            "Message",
            "MessageCodec",
            "Method",
            "NoReturn",
            "None",
        ),
        *("PROTOBUF", "ProtoEnum", "Request", "Response", "ResponseStream", "Self"),
        *("ServiceStub", "Status", "StreamCaller", "StreamStreamHandler", "StreamUnaryHandler"),
        *("True", "UnaryStreamHandler"),
        "TypeError",
    }
)
"""Names in the generated modules that a class would hide."""

MESSAGE_ATTRIBUTES = frozenset(dir(betterproto.Message)) | {"betterproto", "self"}

STUB_ATTRIBUTES = frozenset(dir(object)) | {"metadata", "request", "requests", "self", "timeout"}

ENUM_ATTRIBUTES = frozenset(dir(enum.IntEnum)) | {
    *("from_number", "is_known", "mro", "name", "value")
}

_CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")


def check_class_name(name: str, construct: Construct) -> None:
    """Refuse a construct whose name cannot be that of a class."""
    if not _CAMEL_CASE.fullmatch(name):
        raise construct.refusal("its name must be CamelCase")
    if name in MODULE_NAMES:
        raise construct.refusal(f"{name} is used by the generated code itself")
