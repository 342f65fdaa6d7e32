"""Which extra installs a module that is missing."""

from collections.abc import Mapping

EXTRAS: Mapping[str, str] = {
    "click": "dev",
    "rich": "dev",
    "starlette": "dev",
    "uvicorn": "dev",
    "watchfiles": "dev",
    "mcp": "mcp",
}


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Say which extra to install; `None` if another module is missing than those of the extras."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(module)
    if extra is None:
        return None
    return (
        f"this command needs {module}, which is not installed: "
        f"pip install 'mirastack-agents-sdk-python[{extra}]'"
    )
