"""The two encodings of the contract, and their content-types."""

import enum

_GRPC = "application/grpc"


class Encoding(enum.StrEnum):
    """How messages are encoded; the value is the part of the content-type after "+"."""

    PROTOBUF = "proto"
    JSON = "json"


_BY_CONTENT_TYPE = {
    _GRPC: Encoding.PROTOBUF,
    f"{_GRPC}+proto": Encoding.PROTOBUF,
    f"{_GRPC}+json": Encoding.JSON,
}


def encoding_of(content_type: str) -> Encoding | None:
    """Return the encoding of a content-type, or `None` if it is not supported."""
    encoding = _BY_CONTENT_TYPE.get(content_type)
    if encoding is None:
        # Rare forms: upper case, and parameters such as `;charset=utf-8`.
        encoding = _BY_CONTENT_TYPE.get(content_type.partition(";")[0].strip().lower())
    return encoding
