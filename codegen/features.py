"""The features of fields: what an edition sets for each, and what proto3 means."""

from collections.abc import Iterable
from typing import Protocol

from google.protobuf.descriptor_pb2 import FeatureSet, FileDescriptorProto

PROTO3 = FeatureSet(
    field_presence=FeatureSet.IMPLICIT,
    enum_type=FeatureSet.OPEN,
    repeated_field_encoding=FeatureSet.PACKED,
    utf8_validation=FeatureSet.VERIFY,
    message_encoding=FeatureSet.LENGTH_PREFIXED,
)
_EDITIONS = FeatureSet(
    field_presence=FeatureSet.EXPLICIT,
    enum_type=FeatureSet.OPEN,
    repeated_field_encoding=FeatureSet.PACKED,
    utf8_validation=FeatureSet.VERIFY,
    message_encoding=FeatureSet.LENGTH_PREFIXED,
)


class Options(Protocol):
    """The options of a construct."""

    @property
    def features(self) -> FeatureSet:
        """The features that are set for it and for what is in it."""


def features(file: FileDescriptorProto, inner: Iterable[Options] = ()) -> FeatureSet:
    """Return the features of a construct; `inner` are the options of it and what encloses it."""
    found = FeatureSet()
    found.CopyFrom(_EDITIONS if file.syntax == "editions" else PROTO3)
    found.MergeFrom(file.options.features)
    for options in inner:
        found.MergeFrom(options.features)
    return found
