"""The error of a measurement."""


class MeasurementError(Exception):
    """A figure could not be measured; the message is one sentence that says why."""
