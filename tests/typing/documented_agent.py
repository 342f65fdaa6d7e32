"""The documented agent with the annotations that strict checking requires."""

from pathlib import Path

AS_PRINTED = Path(__file__).parent.parent.parent / "examples" / "minimal_agent.py"

FILLED_IN = {
    "def __init__(self):": "def __init__(self) -> None:",
    "config: dict)": "config: dict[str, str])",
    "def main():": "def main() -> None:",
}
"""The printed functions' missing annotations: nothing that a library could supply."""

FINDINGS = {
    "def __init__(self):": "no-untyped-def",
    "async def config_updated(self, config: dict) -> None:": "type-arg",
    "def main():": "no-untyped-def",
    "serve(MyPlugin())": "no-untyped-call",
    "main()": "no-untyped-call",
}
"""What `mypy --strict` must say of those functions, and of nothing else."""


def annotated() -> str:
    """The agent with its missing annotations added, and no other change."""
    text = AS_PRINTED.read_text(encoding="utf-8")
    for printed, filled_in in FILLED_IN.items():
        if text.count(printed) != 1:
            raise ValueError(f"the documented agent does not hold {printed!r} once")
        text = text.replace(printed, filled_in)
    return text
