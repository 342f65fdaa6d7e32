"""Installs the SDK beside today's releases of the packages that agents commonly use.

For each group, one fresh environment gets the packages alone and another gets them beside the
built SDK, each in one resolution. Beside the SDK they are imported together and the SDK is used. A
package that is older there than alone is reported: the SDK holds it back. One more environment gets
the oldest releases that the SDK declares, and runs the tests of typed actions with them. Needs uv
and a package index; CONTRIBUTING.md holds the last findings.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent

GROUPS: Mapping[str, Mapping[str, str]] = {
    # distribution -> module that shows that it works
    "HTTP clients and servers": {
        "httpx": "httpx",
        "httpx[http2]": "httpx",
        "aiohttp": "aiohttp",
        "requests": "requests",
        "fastapi": "fastapi",
        "uvicorn": "uvicorn",
        "hypercorn": "hypercorn",
    },
    "data": {
        "pydantic": "pydantic",
        "pydantic-settings": "pydantic_settings",
        "sqlalchemy": "sqlalchemy",
        "pandas": "pandas",
        "numpy": "numpy",
        "python-dateutil": "dateutil",
        "pyyaml": "yaml",
    },
    "observability": {
        "prometheus-client": "prometheus_client",
        "opentelemetry-sdk": "opentelemetry.sdk",
        "opentelemetry-exporter-otlp-proto-grpc": "opentelemetry.exporter.otlp.proto.grpc",
        "opentelemetry-exporter-otlp-proto-http": "opentelemetry.exporter.otlp.proto.http",
        "structlog": "structlog",
    },
    "gRPC and protobuf": {
        "protobuf": "google.protobuf",
        "grpcio": "grpc",
        "grpcio-tools": "grpc_tools",
        "googleapis-common-protos": "google.rpc.status_pb2",
    },
    "infrastructure clients": {
        "kubernetes": "kubernetes",
        "kubernetes-asyncio": "kubernetes_asyncio",
        "boto3": "boto3",
        "redis": "redis",
        "elasticsearch": "elasticsearch",
    },
    "tests": {
        "pytest": "pytest",
        "pytest-asyncio": "pytest_asyncio",
        "anyio": "anyio",
        "hypothesis": "hypothesis",
    },
}

OLDEST_TESTS = ("convert", "signature", "result")
"""The folders of tests/actions that are run with the oldest releases."""
TEST_PACKAGES = ("pytest", "pytest-asyncio", "hypothesis", "numpy", "pandas")

SMOKE = """
import asyncio, importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
from mirastack_sdk.plugin import ExecuteRequest
from mirastack_sdk.testing import MockEngineClient, make_execute_request
async def main():
    engine = MockEngineClient()
    req = make_execute_request(params={"action": "a"}, engine_client=engine)
    await req.engine_client.cache_set(req.ctx, "key", "value", ttl=1)
    assert await req.engine_client.cache_get(req.ctx, "key") == "value"
asyncio.run(main())
"""


class CheckError(Exception):
    """A step that did not succeed; the text is what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A package that cannot be installed in its newest release beside the SDK."""

    name: str
    installed: str
    newest: str


def run(*command: str | Path) -> str:
    """Run a command; its output, or CheckError with what it said."""
    done = subprocess.run(  # noqa: S603 - the commands are written below
        [str(part) for part in command], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        raise CheckError(f"{' '.join(map(str, command[:4]))} failed:\n{done.stderr.strip()}")
    return done.stdout


def find_uv() -> str:
    """The uv of the machine or of the bootstrap."""
    for candidate in (str(REPOSITORY / ".tools" / "bin" / "uv"), shutil.which("uv")):
        if candidate and Path(candidate).exists():
            return candidate
    raise CheckError("uv is needed: neither on PATH nor in .tools")


def versions(uv: str, python: Path) -> dict[str, str]:
    """What is installed in an environment."""
    listed = json.loads(run(uv, "pip", "list", "--format", "json", "--python", python))
    return {package["name"]: package["version"] for package in listed}


def install(uv: str, folder: Path, requirements: Sequence[str | Path]) -> Path:
    """A fresh environment with the requirements; its interpreter."""
    run(uv, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, *requirements)
    return python


def check_group(uv: str, folder: Path, wheel: Path, packages: Mapping[str, str]) -> list[Held]:
    """Install a group with and without the SDK; what the SDK held back."""
    alone = versions(uv, install(uv, folder / "alone", list(packages)))
    python = install(uv, folder / "beside", [wheel, *packages])
    beside = versions(uv, python)
    run(python, "-c", SMOKE, *sorted(set(packages.values())))
    return [
        Held(name=name, installed=beside[name], newest=version)
        for name, version in sorted(alone.items())
        if beside.get(name) != version
    ]


def check_oldest(uv: str, folder: Path, wheel: Path) -> None:
    """Run the tests of typed actions with the oldest releases that the SDK declares."""
    run(uv, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    install_into = (uv, "pip", "install", "--quiet", "--python", python)
    declared = REPOSITORY / "pyproject.toml"
    run(*install_into, "--resolution", "lowest-direct", "--requirements", declared)
    run(*install_into, "--no-deps", wheel)
    run(*install_into, *TEST_PACKAGES)
    tests = [REPOSITORY / "tests" / "actions" / name for name in OLDEST_TESTS]
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


def main() -> int:
    """Check every group; status 1 when one cannot be installed or does not run."""
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        uv = find_uv()
        build = ("build", "--quiet", "--wheel", "--python", sys.executable)
        run(uv, *build, "--out-dir", folder, REPOSITORY)
        (wheel,) = folder.glob("*.whl")
        for number, (title, packages) in enumerate(GROUPS.items()):
            failures += not report(uv, folder / str(number), wheel, title, packages)
        try:
            check_oldest(uv, folder / "oldest", wheel)
        except CheckError as error:
            print(f"FAILED  oldest releases\n        {error}")
            failures += 1
        else:
            print("ok      oldest releases")
    return 1 if failures else 0


def report(uv: str, folder: Path, wheel: Path, title: str, packages: Mapping[str, str]) -> bool:
    """Check one group and say how it went."""
    try:
        held = check_group(uv, folder, wheel, packages)
    except CheckError as error:
        print(f"FAILED  {title}: {', '.join(packages)}\n        {error}")
        return False
    print(f"ok      {title}: {', '.join(packages)}")
    for package in held:
        print(f"        {package.name} stays at {package.installed}; newest is {package.newest}")
    return True


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        sys.exit(f"check_compat: {error}")
