"""The environment of a command: the only place where the command line reads or changes it."""

import os
from collections.abc import Mapping


def process_environment() -> Mapping[str, str]:
    """Return a copy of the environment variables."""
    return dict(os.environ)


def set_variables(variables: Mapping[str, str]) -> None:
    """Set variables for the rest of the process, as if the shell had set them."""
    os.environ.update(variables)


def is_colour_unwanted() -> bool:
    """Whether NO_COLOR is set to anything but an empty text (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))
