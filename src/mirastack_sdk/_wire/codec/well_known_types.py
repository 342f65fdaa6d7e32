"""The well-known types of Google that betterproto itself uses; see `betterproto_loader`.

betterproto converts times, durations and wrapped values through these. Its own module defines some
fifty more, such as the types of descriptors.
"""

import betterproto

from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(eq=False, repr=False)
class Timestamp(betterproto.Message):
    """An instant."""

    seconds: int = betterproto.int64_field(1)
    nanos: int = betterproto.int32_field(2)


@dataclass(eq=False, repr=False)
class Duration(betterproto.Message):
    """A span of time."""

    seconds: int = betterproto.int64_field(1)
    nanos: int = betterproto.int32_field(2)


@dataclass(eq=False, repr=False)
class BoolValue(betterproto.Message):
    """A bool that may be absent."""

    value: bool = betterproto.bool_field(1)


@dataclass(eq=False, repr=False)
class BytesValue(betterproto.Message):
    """Bytes that may be absent."""

    value: bytes = betterproto.bytes_field(1)


@dataclass(eq=False, repr=False)
class DoubleValue(betterproto.Message):
    """A float of 64 bits that may be absent."""

    value: float = betterproto.double_field(1)


@dataclass(eq=False, repr=False)
class FloatValue(betterproto.Message):
    """A float of 32 bits that may be absent."""

    value: float = betterproto.float_field(1)


@dataclass(eq=False, repr=False)
class Int32Value(betterproto.Message):
    """An integer of 32 bits that may be absent."""

    value: int = betterproto.int32_field(1)


@dataclass(eq=False, repr=False)
class Int64Value(betterproto.Message):
    """An integer of 64 bits that may be absent."""

    value: int = betterproto.int64_field(1)


@dataclass(eq=False, repr=False)
class StringValue(betterproto.Message):
    """Text that may be absent."""

    value: str = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class UInt32Value(betterproto.Message):
    """An integer of 32 bits, never negative, that may be absent."""

    value: int = betterproto.uint32_field(1)


@dataclass(eq=False, repr=False)
class UInt64Value(betterproto.Message):
    """An integer of 64 bits, never negative, that may be absent."""

    value: int = betterproto.uint64_field(1)


@dataclass(eq=False, repr=False)
class EnumValue(betterproto.Message):
    """One value of an enum, without options; betterproto treats it as a wrapper."""

    name: str = betterproto.string_field(1)
    number: int = betterproto.int32_field(2)
