"""docs/architecture.md lists the packages of today, and the path that a call really takes."""

import re
from collections.abc import Sequence

import pytest

from tests.documentation.documentation import REPOSITORY
from tests.documentation.traced_call import FIRST, SDK, Passed, traced_call

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_MODULES = 40


def section(title: str) -> str:
    """The text of a section."""
    return PAGE.partition(f"# {title}\n")[2].partition("\n#")[0]


def steps(title: str) -> list[Passed]:
    """The functions that a section lists."""
    return re.findall(r"^\d+\. `([\w/.]+)` `([\w.]+)`: ", section(title), re.MULTILINE)


WAY = [*steps("The way in"), *steps("The way of a callback"), *steps("The way out")]
HELPERS = re.findall(r"^- `([\w/.]+)`$", section("Helpers"), re.MULTILINE)


def missing(way: Sequence[Passed], passed: Sequence[Passed]) -> list[Passed]:
    """The first function of `way` that does not start after those before it, if there is one."""
    starts = iter(passed)
    return [step for step in way if step not in starts][:1]


@pytest.mark.pure_python("the calls of compiled functions are not seen")
@pytest.mark.parametrize("encoding", ["json", "proto"])
async def test_a_call_takes_the_way_of_the_page(encoding: str) -> None:
    """Each listed function starts in this order; each module is listed, or a named helper."""
    passed = await traced_call(encoding)
    assert missing(WAY, passed) == []
    modules = {module for module, _ in passed}
    listed = {module for module, _ in WAY}
    others = {module for module in modules - listed if not module.startswith(tuple(HELPERS))}
    assert others == set()
    assert [name for name in HELPERS if not any(m.startswith(name) for m in modules - listed)] == []
    assert len(modules) <= MOST_MODULES


def test_every_package_is_described() -> None:
    """The table names every package of the SDK and no other, one sentence each."""
    described = re.findall(r"^\| `([\w/]+)` \| [A-Z][^.]+\. \|$", section("Packages"), re.MULTILINE)
    packages = {path.parent.relative_to(SDK).as_posix() for path in SDK.rglob("__init__.py")}
    assert sorted(described) == sorted(packages - {"."})


def test_the_way_begins_where_the_request_is_read() -> None:
    """The lists are read completely."""
    assert WAY[0][1] == FIRST
    assert len(WAY) == len(re.findall(r"^\d+\. ", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    "way",
    [
        pytest.param([("a.py", "second"), ("a.py", "first")], id="order"),
        pytest.param([("a.py", "first"), ("b.py", "second")], id="module"),
        pytest.param([("a.py", "first"), ("a.py", "first")], id="twice"),
    ],
)
def test_a_wrong_way_is_found(way: list[Passed]) -> None:
    """A function in another place, in another module or too often does not pass."""
    assert missing(way, [("a.py", "first"), ("a.py", "second")]) == way[1:]
