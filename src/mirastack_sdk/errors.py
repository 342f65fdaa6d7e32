"""Every exception the SDK raises: one tree, told apart by type and fields, never by text."""

__all__ = [
    "ActionError",
    "ConfigurationError",
    "DecodeError",
    "EncodeError",
    "EngineError",
    "InvalidPluginError",
    "MessageTooLargeError",
    "MirastackError",
    "StartError",
    "WireError",
]

from collections.abc import Sequence


class MirastackError(Exception):
    """The root of every exception the SDK raises.

    `reason` is a stable snake_case word for programs; the text is for people.
    `retryable` says whether the same call may succeed later without a change.
    """

    def __init__(self, message: str, *, reason: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.retryable = retryable


class ConfigurationError(MirastackError):
    """A setting that cannot be used; the text names the variable or argument."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="invalid_configuration")


class InvalidPluginError(MirastackError):
    """A plugin that no engine would accept.

    `violations` holds every rule it breaks, one sentence each.
    """

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("\n".join(violations), reason="invalid_plugin")
        self.violations: tuple[str, ...] = tuple(violations)

    def __reduce__(self) -> tuple[type["InvalidPluginError"], tuple[tuple[str, ...]]]:
        return type(self), (self.violations,)


class StartError(MirastackError):
    """What an agent has to open before it serves could not be opened; the text says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="start_failed")


class EngineError(MirastackError):
    """A call to the engine that did not succeed.

    `reason` is one of `unavailable`, `deadline_exceeded`, `permission_denied`,
    `invalid_argument`, `not_found`, `resource_exhausted`, `unimplemented`,
    `invalid_reply`, `not_connected`, `execution_ended`, `rejected`, `plugin_failed`, `tls_failed`
    and `internal`.
    `status` is the gRPC status name where the engine gave one (`"UNAVAILABLE"`), else `None`.
    """

    def __init__(
        self, message: str, *, reason: str, retryable: bool = False, status: str | None = None
    ) -> None:
        super().__init__(message, reason=reason, retryable=retryable)
        self.status = status


class ActionError(MirastackError):
    """What a typed action raises to tell the language model why there is no result.

    The text is shown as it is, as a log line of an execution that succeeded. Any other exception
    fails the execution, and only its cleaned text leaves the process.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="action_error")


class WireError(MirastackError):
    """Bytes that could not be read or a message that could not be written."""


class DecodeError(WireError):
    """Bytes that are not the message they should be."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="decode_error")


class EncodeError(WireError):
    """A message holding a value that its contract does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="encode_error")


class MessageTooLargeError(WireError):
    """A message of `size` bytes, above the limit of `limit` bytes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"the message has {size} bytes, at most {limit} are allowed", reason="message_too_large"
        )
        self.size = size
        self.limit = limit

    def __reduce__(self) -> tuple[type["MessageTooLargeError"], tuple[int, int]]:
        return type(self), (self.size, self.limit)
