"""The error that ends a command."""


class CommandError(Exception):
    """Ends a command with one sentence on standard error and with `status`."""

    def __init__(self, sentence: str, *, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status
