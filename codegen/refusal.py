"""The error of a proto file that no correct code can be generated from."""


class RefusalError(Exception):
    """A construct that is not supported; the text starts with the file and the line."""

    def __init__(self, place: str, construct: str, reason: str) -> None:
        super().__init__(f"{place}: {construct}: {reason}")
