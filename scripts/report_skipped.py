"""Print which tests were skipped, and why: python scripts/report_skipped.py JUNIT_XML."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET


def main(arguments: list[str]) -> int:
    """Read the report that pytest has written, if it has come that far."""
    (path,) = arguments
    if not Path(path).exists():
        print("the tests did not run")
        return 0
    for line in lines(Path(path).read_text(encoding="utf-8")):
        print(line)
    return 0


def lines(report: str) -> Iterator[str]:
    """The number of skipped tests, and for each reason the modules they are in."""
    skipped: dict[str, Counter[str]] = {}
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - our own pytest wrote it
        for skip in case.iter("skipped"):
            module = case.get("classname", "")
            skipped.setdefault(skip.get("message", ""), Counter())[module] += 1
    if not skipped:
        yield "no test was skipped"
        return
    yield f"{sum(count.total() for count in skipped.values())} tests were skipped:"
    for reason, modules in sorted(skipped.items()):
        yield f"  {reason}"
        for module, number in sorted(modules.items()):
            yield f"    {number:4} in {module}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
