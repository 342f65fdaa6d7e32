"""The error that ends a command."""

from mirastack_sdk._cli.exit_status import ExitStatus


class CommandError(Exception):
    """Ends a command with one sentence on standard error and with `status`.

    `details`, such as the traceback of the author's code, are printed before the sentence.
    """

    def __init__(self, sentence: str, *, status: int = ExitStatus.USAGE, details: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.details = details
