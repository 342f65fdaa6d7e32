"""The exceptions of the SDK: one tree, distinguished by type and fields.

Compare types, `reason` and `retryable`, never the text, which is written for people.
"""

from collections.abc import Sequence

__all__ = [
    "ActionError",
    "ConfigurationError",
    "DecodeError",
    "EncodeError",
    "EngineError",
    "InvalidPluginError",
    "MessageTooLargeError",
    "MirastackError",
    "ResultError",
    "StartError",
    "WireError",
    "WorkerError",
]


class MirastackError(Exception):
    """The base class of every exception that the SDK raises.

    `reason` is a stable identifier in snake_case, for programs; the text is for people. `retryable`
    is true if the same call may succeed later without a change.
    """

    def __init__(self, message: str, *, reason: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.retryable = retryable


class ConfigurationError(MirastackError):
    """An invalid setting; the text names the environment variable or the argument."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_configuration")


class InvalidPluginError(MirastackError):
    """An agent whose declarations no engine would accept.

    `violations` has one sentence for each rule that the declarations break.
    """

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("\n".join(violations), reason="invalid_plugin")
        self.violations: tuple[str, ...] = tuple(violations)

    def __reduce__(self) -> tuple[type["InvalidPluginError"], tuple[tuple[str, ...]]]:
        return type(self), (self.violations,)


class StartError(MirastackError):
    """A port, file or resource that an agent needs to start is not available; the text names it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="start_failed")


class EngineError(MirastackError):
    """A call to the engine that failed.

    `reason` is one of `unavailable`, `deadline_exceeded`, `permission_denied`,
    `invalid_argument`, `not_found`, `resource_exhausted`, `unimplemented`,
    `invalid_reply`, `not_connected`, `execution_ended`, `rejected`, `plugin_failed`, `tls_failed`
    and `internal`.
    `status` is the name of the gRPC status that the engine responded with (`"UNAVAILABLE"`), or
    `None` if there was no response.
    """

    def __init__(
        self, message: str, *, reason: str, retryable: bool = False, status: str | None = None
    ) -> None:
        super().__init__(message, reason=reason, retryable=retryable)
        self.status = status


class ActionError(MirastackError):
    """The exception by which an action tells the language model why there is no result.

    The execution succeeds, and the text is the error that the model reads. Any other exception
    fails the execution. The texts of both leave the process without addresses, paths and
    credentials.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="action_error")


class ResultError(MirastackError):
    """A result that JSON cannot express; the text names the part and the reason."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_result")


class WorkerError(MirastackError):
    """A call of an action with `run_in="process"` that its worker process could not finish.

    `reason` is one of `worker_ended`, which is retryable, `worker_not_started`,
    `serves_when_imported`, `not_importable` and `not_picklable`.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return _worker_error, (str(self), self.reason, self.retryable)


def _worker_error(message: str, reason: str, retryable: bool) -> WorkerError:
    return WorkerError(message, reason=reason, retryable=retryable)


class WireError(MirastackError):
    """A message that could not be decoded or encoded."""


class DecodeError(WireError):
    """Bytes that are not a valid message."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="decode_error")


class EncodeError(WireError):
    """A message with a value that the contract does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="encode_error")


class MessageTooLargeError(WireError):
    """A message whose `size` exceeds the `limit`, both in bytes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"the message has {size} bytes, at most {limit} are allowed", reason="message_too_large"
        )
        self.size = size
        self.limit = limit

    def __reduce__(self) -> tuple[type["MessageTooLargeError"], tuple[int, int]]:
        return type(self), (self.size, self.limit)
