"""The names that generated code uses itself, so that the proto's names must differ from them."""

import enum

import betterproto

TYPE_NAMES = frozenset(
    {"bool", "bytes", "datetime", "dict", "float", "int", "list", "str", "timedelta"}
)
"""Names of types in annotations, which an attribute of the same name would hide."""

MESSAGES_NAMES = frozenset({"False", "None", "OneofField", "ProtoEnum", "ProtoMessage", "True"})
"""Names in `messages.py` that a class would hide."""

SERVICES_NAMES = frozenset(
    {
        *("AsyncIterable", "AsyncIterator", "Caller", "GRPCError", "Handler", "Handlers"),
        *("Iterable", "Mapping", "Method", "Request", "Response", "ResponseStream", "ServiceStub"),
        *("Status", "StreamCaller", "StreamStreamHandler", "StreamUnaryHandler"),
        "UnaryStreamHandler",
    }
)
"""Names in `services.py`; classes of messages that are called the same have others there."""

CODEC_NAMES = frozenset(
    {"Any", "Budget", "CODECS", "CodecTable", "MessageCodec", "UnicodeDecodeError"}
)
"""Names in the modules of the codecs; see `SERVICES_NAMES`."""

MODULES = frozenset({"gojson_codec", "messages", "protobuf_codec", "services"})
"""The modules of a package, beside which a package of the same name cannot be."""

MESSAGE_ATTRIBUTES = frozenset(dir(betterproto.Message)) | {
    *("betterproto", "self", "unknown_fields")
}

STUB_ATTRIBUTES = frozenset(dir(object)) | {"metadata", "request", "requests", "self", "timeout"}

ENUM_ATTRIBUTES = frozenset(dir(enum.IntEnum)) | {
    *("from_number", "is_known", "mro", "name", "value")
}
