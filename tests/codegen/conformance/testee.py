"""The program that the conformance suite asks: requests in, responses out, until the end.

Run as `python testee.py FOLDER`, in which the packages `suite` and `messages` were generated.
"""

import struct
import sys
from importlib import import_module
from typing import Any, BinaryIO

from mirastack_sdk.errors import DecodeError, EncodeError

_SIZE = struct.Struct("<I")
_BINARY = 1
_PREFIX = "protobuf_test_messages.proto3."

type Generated = Any  # Any: the modules do not exist when types are checked


def main(folder: str) -> None:
    """Answer requests until there are no more."""
    sys.path.insert(0, folder)
    suite, messages = import_module("suite.messages"), import_module("messages.messages")
    while header := sys.stdin.buffer.read(_SIZE.size):
        (size,) = _SIZE.unpack(header)
        request = suite.ConformanceRequest.FromString(sys.stdin.buffer.read(size))
        _send(sys.stdout.buffer, bytes(_respond(suite, messages, request)))


def _respond(suite: Generated, messages: Generated, request: Generated) -> Generated:
    response = suite.ConformanceResponse
    if request.message_type == "conformance.FailureSet":
        return response(protobuf_payload=bytes(suite.FailureSet()))
    name = request.message_type.removeprefix(_PREFIX)
    if name == request.message_type or request.protobuf_payload is None:
        return response(skipped="only proto3 in its binary form")
    if request.requested_output_format != _BINARY:
        return response(skipped="only the binary form")
    message_type = getattr(messages, name)
    try:
        message = message_type.FromString(request.protobuf_payload)
    except DecodeError as error:
        return response(parse_error=str(error))
    try:
        return response(protobuf_payload=bytes(message))
    except EncodeError as error:
        return response(serialize_error=str(error))


def _send(stream: BinaryIO, data: bytes) -> None:
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    main(sys.argv[1])
