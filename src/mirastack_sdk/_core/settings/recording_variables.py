"""The variable that turns on the recording of executions."""

from mirastack_sdk._core.settings.variable import InvalidValueError, Variable


def _folder(text: str) -> str:
    if not text.isprintable():
        raise InvalidValueError("it contains unprintable characters")
    return text


RECORD = Variable(
    name="MIRASTACK_RECORD",
    meaning="the folder in which each execution is recorded in a file, to be replayed",
    default="none",
    expected='a folder such as "/var/lib/my-agent/recordings"',
    parse=_folder,
    fallback="",
)
