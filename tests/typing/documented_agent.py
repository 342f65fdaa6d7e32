"""The documented agent, as printed and with the annotations that strict checking asks of it."""

from pathlib import Path

from tests.typing.checkers import REPOSITORY, Finding

AS_PRINTED = REPOSITORY / "examples" / "minimal_agent.py"

MISSING = {
    "def __init__(self):": "def __init__(self) -> None:",
    "config: dict)": "config: dict[str, str])",
    "def main():": "def main() -> None:",
}
"""The printed functions' missing annotations: nothing that a library could supply."""


def annotated_copy(folder: Path) -> Path:
    """The agent with its missing annotations filled in, and nothing else changed."""
    text = AS_PRINTED.read_text(encoding="utf-8")
    for printed, annotated in MISSING.items():
        if text.count(printed) != 1:
            raise ValueError(f"the documented agent does not hold {printed!r} once")
        text = text.replace(printed, annotated)
    copy = folder / "annotated_agent.py"
    copy.write_text(text, encoding="utf-8")
    return copy


def missing_annotations() -> list[Finding]:
    """What `mypy --strict` must say of the agent as printed, and may not say more."""
    codes = {
        "def __init__(self):": "no-untyped-def",
        "async def config_updated(self, config: dict) -> None:": "type-arg",
        "def main():": "no-untyped-def",
        "main()": "no-untyped-call",
    }
    lines = AS_PRINTED.read_text(encoding="utf-8").splitlines()
    return sorted(
        Finding(AS_PRINTED.name, number, codes[line.strip()])
        for number, line in enumerate(lines, start=1)
        if line.strip() in codes
    )
