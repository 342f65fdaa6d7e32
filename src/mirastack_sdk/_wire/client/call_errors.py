"""The errors of a call that gets no response."""

import enum


class Loss(enum.Enum):
    """What is known about a call that will get no response."""

    NEVER_SENT = "never sent"
    """There was no connection."""
    UNHEARD = "unheard"
    """There was no connection, and nothing came from the server: the path to it may be dead."""
    REFUSED = "refused"
    """The server reports that it has not processed the call."""
    LOST = "lost"
    """It was sent, and the server may have acted on it."""
    HOPELESS = "hopeless"
    """There was no connection, and there will be none until an operator changes something."""
    ABANDONED = "abandoned"
    """The channel was closed on this side."""


class CallLostError(ConnectionError):
    """The call will get no response.

    `wait` is the number of seconds until the next connection attempt, where there was none to use.
    """

    def __init__(self, reason: str, loss: Loss, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.loss = loss
        self.wait = wait


class WrongServerError(Exception):
    """The server at the address does not speak HTTP/2."""
