"""docs/configuration.md lists the environment's variables as the settings know them."""

from mirastack_sdk._core.settings import VARIABLES
from tests.documentation.documentation import REPOSITORY

CONFIGURATION = REPOSITORY / "docs" / "configuration.md"


def rows() -> list[list[str]]:
    """The table's rows below its head, cell by cell."""
    lines = CONFIGURATION.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1:]]


def test_the_table_is_the_settings() -> None:
    """Each variable is listed once, in order, with its meaning and its default."""
    expected = [
        [f"`{variable.name}`", variable.meaning, variable.default, variable.expected]
        for variable in VARIABLES
    ]
    assert rows() == expected
