"""The environment of the process, for what reads it when it is called."""

import os
from collections.abc import Mapping


def process_environment() -> Mapping[str, str]:
    """The environment variables as they are now."""
    return os.environ
