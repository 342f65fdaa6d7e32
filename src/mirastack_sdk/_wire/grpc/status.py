"""The status of a call, and the exception that ends a call with one."""

from grpclib.const import Status

__all__ = ["CallRefused", "Status"]


class CallRefused(Exception):  # noqa: N818 - an outcome that the handler chose, not an error
    """Ends the running call with a gRPC status; the client gets `message` as it is."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
