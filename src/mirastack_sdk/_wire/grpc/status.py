"""How a call ends on the wire."""

from grpclib.const import Status

__all__ = ["CallRefused", "Status"]


class CallRefused(Exception):  # noqa: N818 - an outcome the handler chose, not an error of ours
    """Ends the running call with a gRPC status; `message` goes to the caller as it is."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
