"""CI installs the programs that tests need, never fails for it, and lists skipped tests."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scripts.report_skipped import lines

SCRIPT = Path(__file__).parent.parent / "scripts" / "install_test_programs"
TOOLS = ("bash", "chmod", "env", "rm", "sleep", "tail", "tee", "timeout")
PACKAGES = (
    "golang-go",
    "golang-google-grpc-dev",
    "golang-google-protobuf-dev",
    "prometheus",
    "victoria-metrics",
    "haproxy",
    "nginx",
    "systemd",
    "chromium",
    "fonts-dejavu-core",
)
DPKG_QUERY = """#!/bin/bash
[ -e "$DEBIAN/${@: -1}" ] && printf installed
"""
# What is told apart is the last arguments: options come first.
APT_GET = """#!/bin/bash
printf '%s\\n' "$*" >> "$DEBIAN.calls"
[ -e "$POLICY_RC_D" ] && printf 'policy\\n' >> "$DEBIAN.calls"
case "$*" in
    *" update") [ "$MIRROR" = silent ] && sleep 60; [ "$MIRROR" != gone ] ;;
    *--download-only*) [ "$MIRROR" = here ] ;;
    *)
        packages="${*##*--no-download }"
        [[ " $packages " == *" $BROKEN "* ]] && { echo "E: $BROKEN is broken"; exit 100; }
        for package in $packages; do : > "$DEBIAN/$package"; done ;;
esac
"""
APT_CACHE = '#!/bin/bash\n[ "$2" != "$UNKNOWN" ]\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Debian:
    """A machine with only the programs of Debian's package manager."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        return subprocess.run(
            [str(SCRIPT)],
            env={
                "PATH": str(self.folder / "bin"),
                "DEBIAN": str(self.folder / "installed"),
                "POLICY_RC_D": str(self.folder / "policy-rc.d"),
                "MIRROR": "here",
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @property
    def calls(self) -> str:
        """The arguments of each call of apt-get."""
        path = self.folder / "installed.calls"
        return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    """A Debian on which the script runs as root and reaches a mirror."""
    made = Debian(folder=tmp_path)
    for folder in ("bin", "installed"):
        (tmp_path / folder).mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    made.put("id", "#!/bin/bash\necho 0\n")
    made.put("dpkg-query", DPKG_QUERY)
    made.put("apt-get", APT_GET)
    made.put("apt-cache", APT_CACHE)
    return made


def test_everything_is_installed(debian: Debian) -> None:
    """All packages are requested at once, no service starts, and temporary files are removed."""
    done = debian.run()
    assert done.returncode == 0, done.stderr
    assert "missing" not in done.stdout
    assert f"--no-download {' '.join(PACKAGES)}" in debian.calls
    assert debian.calls.count("--no-download") == debian.calls.count("policy\n") - 1 == 1
    assert not (debian.folder / "policy-rc.d").exists()


def test_installed_packages_are_not_requested(debian: Debian) -> None:
    """If every package is installed, apt is not called."""
    for package in PACKAGES:
        (debian.folder / "installed" / package).touch()
    done = debian.run()
    assert (done.returncode, done.stdout) == (0, "test programs: all are installed\n")
    assert debian.calls == ""


@pytest.mark.parametrize("trouble", ["UNKNOWN", "BROKEN"])
def test_one_package_does_not_cost_the_others(debian: Debian, trouble: str) -> None:
    """A package that cannot be installed is named; the others are installed."""
    done = debian.run(**{trouble: "victoria-metrics"})
    assert done.returncode == 0
    assert "test programs: victoria-metrics is missing" in done.stdout
    assert done.stdout.count("is missing") == 1


@pytest.mark.parametrize(
    ("program", "text", "reason"),
    [
        ("apt-get", "", "apt-get was not found"),
        ("id", "#!/bin/bash\necho 1000\n", "neither root nor allowed to use sudo"),
    ],
)
def test_a_machine_that_cannot_install(
    debian: Debian, program: str, text: str, reason: str
) -> None:
    """Without apt-get, or without permission, the script says so and succeeds."""
    if text:
        debian.put(program, text)
    else:
        (debian.folder / "bin" / program).unlink()
    done = debian.run()
    assert done.returncode == 0
    assert reason in done.stdout
    assert done.stdout.count("is missing") == len(PACKAGES)


def test_sudo_is_used_if_it_needs_no_password(debian: Debian) -> None:
    """A user with passwordless sudo installs with it."""
    debian.put("id", "#!/bin/bash\necho 1000\n")
    debian.put("sudo", '#!/bin/bash\nshift\n[ "$1" = true ] || exec "$@"\n')
    assert "missing" not in debian.run().stdout


@pytest.mark.parametrize("mirror", ["gone", "silent"])
def test_no_mirror_in_reach(debian: Debian, mirror: str) -> None:
    """If the mirror refuses or is silent, the script ends in time, and succeeds."""
    began = time.monotonic()
    done = debian.run(MIRROR=mirror, INSTALL_SECONDS="2")
    assert time.monotonic() - began < 20
    assert done.returncode == 0
    assert done.stdout.count("is missing") == len(PACKAGES)


def test_skipped_tests_are_reported(tmp_path: Path) -> None:
    """The report of a real run lists each reason, and the modules with skipped tests."""
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(3))\n"
        "def test_many(n):\n    pytest.skip('no go')\n"
        "@pytest.mark.skipif(True, reason='no nginx')\n"
        "def test_one(): ...\n"
        "def test_run(): ...\n"
    )
    report = tmp_path / "tests.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert list(lines(report.read_text(encoding="utf-8"))) == [
        "4 tests were skipped:",
        "  no go",
        "       3 in test_some",
        "  no nginx",
        "       1 in test_some",
    ]
    assert list(lines("<testsuites/>")) == ["no test was skipped"]


MAKE = """#!/bin/bash
echo "make $*"
[[ "$1" == check ]] && exit "$CHECK"
exit "$TESTS"
"""


@pytest.mark.parametrize(
    ("check", "installed", "tests", "longest", "made", "status"),
    [
        (0, 0, 0, (600, 600), "make test-compiled TEST_OPTIONS=\n", 0),
        (0, 0, 0, (0, 600), "make test-compiled TEST_OPTIONS=tests/wire tests/core", 0),
        (0, 0, 0, (0, 0), "", 0),
        (0, 0, 2, (600, 600), "make test-compiled TEST_OPTIONS=\n", 2),
        (0, 1, 0, (600, 600), "", 1),
        (0, 3, 0, (600, 600), "", 0),
        (2, 0, 0, (600, 600), "", 2),
    ],
    ids=["fast", "slow", "slower", "failing", "not-built", "no-compiler", "check-fails"],
)
def test_the_compiled_wheel_is_tested_where_it_can_be_built(
    tmp_path: Path,
    check: int,
    installed: int,
    tests: int,
    longest: tuple[int, int],
    made: str,
    status: int,
) -> None:
    """After the checks, all tests run on it, or on a slow machine those of what is compiled."""
    programs = {
        ".ci/run": (SCRIPT.parent.parent / ".ci" / "run").read_text(encoding="utf-8"),
        "bin/make": MAKE,
        "scripts/install_test_programs": "#!/bin/bash\n",
        "scripts/install_compiled": f"#!/bin/bash\nexit {installed}\n",
        ".venv/bin/python": "#!/bin/bash\n",
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        [str(tmp_path / ".ci" / "run")],
        env={
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "CHECK": str(check),
            "TESTS": str(tests),
            "SECONDS_FOR_ALL": str(longest[0]),
            "SECONDS_FOR_PARTS": str(longest[1]),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert made in done.stdout
    assert ("make test-compiled" in done.stdout) == bool(made)
    assert f"CI: {'failed after' if status else 'passed in'}" in done.stdout
