"""The scalar types of proto, as one table."""

from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Descriptor

VARINT = 0
FIXED64 = 1
SIZED = 2
FIXED32 = 5


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar type: its type in Python, the text of its zero, and its wire type in protobuf."""

    python: str
    zero: str
    wire_type: int


SCALARS = {
    "double": Scalar("float", "0.0", FIXED64),
    "float": Scalar("float", "0.0", FIXED32),
    "int64": Scalar("int", "0", VARINT),
    "uint64": Scalar("int", "0", VARINT),
    "int32": Scalar("int", "0", VARINT),
    "fixed64": Scalar("int", "0", FIXED64),
    "fixed32": Scalar("int", "0", FIXED32),
    "bool": Scalar("bool", "False", VARINT),
    "string": Scalar("str", '""', SIZED),
    "bytes": Scalar("bytes", 'b""', SIZED),
    "uint32": Scalar("int", "0", VARINT),
    "sfixed32": Scalar("int", "0", FIXED32),
    "sfixed64": Scalar("int", "0", FIXED64),
    "sint32": Scalar("int", "0", VARINT),
    "sint64": Scalar("int", "0", VARINT),
}

# JSON has one format for all integers of the same range.
JSON_NAMES = {
    **{name: name for name in SCALARS},
    "fixed32": "uint32",
    "fixed64": "uint64",
    "sfixed32": "int32",
    "sfixed64": "int64",
    "sint32": "int32",
    "sint64": "int64",
}

SCALAR_OF_DESCRIPTOR = {Descriptor.Type.Value(f"TYPE_{name.upper()}"): name for name in SCALARS}
