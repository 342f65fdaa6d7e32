"""The build of programs that use grpc-go, from Debian's packages, without modules or a network."""

import os
import shutil
import subprocess
from pathlib import Path

_GOPATH = Path("/usr/share/gocode")
_PACKAGES = {
    "google.golang.org/grpc": "golang-google-grpc-dev",
    "google.golang.org/protobuf": "golang-google-protobuf-dev",
}
_SECONDS = 300


class GoBuildError(Exception):
    """A program could not be built."""


def missing_packages() -> list[str]:
    """Return the Debian packages without which no program of grpc-go can be built."""
    packages = [name for path, name in _PACKAGES.items() if not (_GOPATH / "src" / path).is_dir()]
    return packages if shutil.which("go") else ["golang-go", *packages]


def build_go(sources: Path, target: Path) -> None:
    """Build a program; raises `GoBuildError` with what the compiler says."""
    go = shutil.which("go")
    if go is None:
        raise GoBuildError("golang-go is not installed")
    result = subprocess.run(  # noqa: S603 - the command is our own
        [go, "build", "-o", str(target), "."],
        cwd=sources,
        env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": str(_GOPATH)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if result.returncode:
        raise GoBuildError(f"{target.name} cannot be built:\n{result.stderr}")
