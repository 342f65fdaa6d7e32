"""The installed SDK: its version, its build, and which of its extras are complete."""

import platform
import re
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

NAME = "mirastack-agents-sdk-python"

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*["'](?P<extra>[\w.-]+)["']""")


def is_compiled() -> bool:
    """Whether the running SDK has compiled modules."""
    files = Path(__file__).parent.parent.rglob("*")
    return any(file.name.endswith(tuple(EXTENSION_SUFFIXES)) for file in files)


def build() -> str:
    """Return which build is running."""
    return "compiled with mypyc" if is_compiled() else "pure Python"


def is_installed(sdk: Distribution, extra: str) -> bool:
    """Whether all that an extra of the SDK requires is installed."""
    for text in sdk.requires or []:
        marker = _EXTRA.search(text)
        requirement = _REQUIREMENT.match(text)
        if requirement is None or marker is None or marker["extra"] != extra:
            continue
        if requirement["name"] == NAME:
            if not all(
                is_installed(sdk, part) for part in (requirement["extras"] or "").split(",")
            ):
                return False
            continue
        try:
            distribution(requirement["name"])
        except PackageNotFoundError:
            return False
    return True


def report() -> str:
    """Return what a bug report needs, as lines."""
    sdk = distribution(NAME)
    extras = sdk.metadata.get_all("Provides-Extra") or []
    found = [extra for extra in sorted(extras) if is_installed(sdk, extra)]
    return "\n".join(
        (
            f"{NAME} {sdk.version}",
            f"build: {build()}",
            f"Python: {platform.python_version()} ({platform.python_implementation()})",
            f"platform: {platform.platform()}",
            f"extras: {', '.join(found) or 'none'}",
        )
    )
