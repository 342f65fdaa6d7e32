"""The status and the text that a caller gets for each error of a handler."""

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from mirastack_sdk._wire.grpc.status import CallRefused
from mirastack_sdk._wire.server.server_call import failure
from mirastack_sdk.errors import DecodeError, EncodeError, MessageTooLargeError


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (CallRefused(Status.UNAUTHENTICATED, "no token"), Status.UNAUTHENTICATED, "no token"),
        (GRPCError(Status.NOT_FOUND, "no such stage"), Status.NOT_FOUND, "no such stage"),
        (GRPCError(Status.UNIMPLEMENTED), Status.UNIMPLEMENTED, ""),
        (DecodeError("odd"), Status.INVALID_ARGUMENT, "the request cannot be read: odd"),
        (
            MessageTooLargeError(11, 10),
            Status.RESOURCE_EXHAUSTED,
            str(MessageTooLargeError(11, 10)),
        ),
        (EncodeError("odd"), Status.INTERNAL, "the response cannot be written"),
        (ZeroDivisionError("s3cret"), Status.INTERNAL, "internal error"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_status(error: Exception, status: Status, message: str) -> None:
    """What the SDK or a service means to say reaches the caller; other errors only the log."""
    outcome = failure("Execute", error)
    assert (outcome.status, outcome.message) == (status, message)
