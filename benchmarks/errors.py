"""What can go wrong while measuring."""


class MeasurementError(Exception):
    """A figure that could not be taken; the message is one sentence that says why."""
