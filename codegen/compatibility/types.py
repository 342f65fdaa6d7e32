"""What a change of a field's type means in protobuf, in Go's JSON and in Python."""

from codegen.compatibility.facts import FieldFacts, Label, Type

# Integers that protobuf writes alike, with the numbers that each can hold.
_VARINTS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_ZIGZAG = {"sint32", "sint64"}
_FIXED = ({"fixed32", "sfixed32"}, {"fixed64", "sfixed64"})


def label_harm(old: FieldFacts, new: FieldFacts) -> str:
    """Return whom a change of the number of values breaks; `""` if it breaks nobody."""
    match old.label, new.label:
        case (Label.SINGULAR | Label.OPTIONAL, Label.SINGULAR | Label.OPTIONAL):
            return _presence_harm(old, new)
        case (Label.MAP, _) | (_, Label.MAP):
            return (
                "JSON peers of the last release fail, because Go writes only a map as an object "
                "by its keys, and protobuf peers read other entries"
            )
        case (_, Label.REPEATED):
            return (
                "JSON peers of the last release fail, because a list is an array, and protobuf "
                "peers see only one of its values"
            )
        case _:
            return (
                "JSON peers of the last release fail, because they send an array, and we see only "
                "one of the values that protobuf peers send"
            )


def _presence_harm(old: FieldFacts, new: FieldFacts) -> str:
    if old.label is new.label or (old.type.is_message and new.type.is_message):
        return ""
    if new.label is Label.OPTIONAL:
        return "programs that use it fail, because it is None where it was zero before"
    return (
        "programs that use it fail, because it is never None, and peers of the last release cannot "
        "tell a zero from an absent value"
    )


def type_harm(old: FieldFacts, new: FieldFacts) -> str:
    """Return whom a change of the type of the values, or of the keys of a map, breaks."""
    if old.key != new.key:
        return "peers of the last release cannot read its keys, and programs that use it fail"
    if old.type.is_message and new.type.is_message:
        return (
            "peers of the last release read one message as another, and programs that use it fail"
        )
    if old.type.is_enum and new.type.is_enum:
        return (
            "peers of the last release give its numbers other meanings, and programs that use it "
            "fail"
        )
    if {_scalar(old.type), _scalar(new.type)} == {"enum", "int32"}:
        return "programs that use it fail, because its type in Python changes, though no peer does"
    if {_scalar(old.type), _scalar(new.type)} in ({"message", "bytes"}, {"message", "string"}):
        return "JSON peers of the last release fail, because only a message is written as an object"
    return _scalar_harm(_number(old.type), _number(new.type))


def _number(kind: Type) -> str:
    """Return the scalar as which an enum is written, too."""
    return "int32" if kind.is_enum else _scalar(kind)


def _scalar(kind: Type) -> str:
    if kind.is_message:
        return "message"
    return "enum" if kind.is_enum else kind.name


def _scalar_harm(old: str, new: str) -> str:
    if old in _VARINTS and new in _VARINTS:
        return _range_harm(old, new)
    if {old, new} == _ZIGZAG or {old, new} in _FIXED:
        return (
            "peers of the last release fail in JSON, or read another number in protobuf, when a "
            f"number does not fit both {old} and {new}"
        )
    if {old, new} == {"string", "bytes"}:
        return (
            "JSON peers of the last release read something else, because bytes are written in "
            "base64, and programs that use it fail"
        )
    if {old, new} == {"float", "double"}:
        return "protobuf peers of the last release cannot read it, because its size changes"
    if "bool" in {old, new} and {old, new} & _VARINTS.keys():
        return (
            "JSON peers of the last release fail, because only a bool is written as true or false"
        )
    return "peers of the last release cannot read it, because it is written differently"


def _range_harm(old: str, new: str) -> str:
    """Return what happens to numbers that only one of the types can hold."""
    first = max(_VARINTS[old][0], _VARINTS[new][0])
    last = min(_VARINTS[old][1], _VARINTS[new][1])
    widened = (first, last) == _VARINTS[old]
    reader = "peers of the last release" if widened else "we or peers of the last release"
    return (
        f"{reader} fail in JSON, or read another number in protobuf, when a number is not from "
        f"{first} to {last}"
    )
