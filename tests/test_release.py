"""A release: complete, the same wherever it is built, and made by workflows that are checked."""

import json
import os
import re
import shutil
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.deploy.checkers import checked, passes
from tests.wheel_installation import REPOSITORY, clean_environment, demand, find_uv, run

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
RELEASE = REPOSITORY / ".github" / "workflows" / "release.yml"
BUILD = """
import sys
from hatchling.build import build_sdist, build_wheel

print(build_sdist(sys.argv[1]), build_wheel(sys.argv[1]))
"""


def built(source: Path, folder: Path, **environment: str) -> dict[str, bytes]:
    """The source distribution and the wheel that are built from a folder, by name."""
    folder.mkdir()
    command = [sys.executable, "-c", BUILD, str(folder)]
    done = run(command, source, clean_environment() | environment)
    assert done.returncode == 0, done.stderr
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def unpacked(sdist: Path, folder: Path) -> Path:
    """The folder in which everything of a source distribution is."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    built(REPOSITORY, folder)
    return folder


@pytest.fixture(scope="module")
def source(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution."""
    return unpacked(next(dist.glob("*.tar.gz")), tmp_path_factory.mktemp("source"))


def test_the_sdist_has_every_file_of_the_repository(source: Path) -> None:
    """So its tests run as they do in a clone, and it can be built and changed like one."""
    git = shutil.which("git")
    if git is None or not (REPOSITORY / ".git").exists():
        pytest.skip("this is no clone of the repository")
    listed = run([git, "ls-files", "-z"], REPOSITORY, os.environ).stdout.split("\0")
    tracked = {name for name in listed if name and (REPOSITORY / name).exists()}
    packed = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    assert tracked - packed == set()
    assert packed - tracked - {"PKG-INFO"} <= untracked(git)


def untracked(git: str) -> set[str]:
    """The files that are about to be added, which a developer's build has as well."""
    arguments = ["ls-files", "-z", "--others", "--exclude-standard"]
    return set(run([git, *arguments], REPOSITORY, os.environ).stdout.split("\0"))


def test_programs_stay_executable(source: Path) -> None:
    """What can be run in the repository can be run in the source distribution."""
    for file in [".ci/run", "scripts/bootstrap", "scripts/build_release", "scripts/audit"]:
        assert os.access(source / file, os.X_OK), file


def test_two_builds_are_the_same_byte_for_byte(dist: Path, source: Path, tmp_path: Path) -> None:
    """Whatever the folder, the files' times, the umask, and the hashes of Python's strings."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(source, elsewhere)
    for file in elsewhere.rglob("*"):
        os.utime(file, (1, 1_000_000_000))
        if file.is_file():
            file.chmod(0o700 if os.access(file, os.X_OK) else 0o600)
    again = built(elsewhere, tmp_path / "again", PYTHONHASHSEED="7", TZ="Asia/Kolkata")
    first = {file.name: file.read_bytes() for file in dist.iterdir()}
    assert sorted(again) == sorted(first)
    assert [name for name in first if first[name] != again[name]] == []


def test_the_sbom_lists_what_users_install(tmp_path: Path) -> None:
    """Each dependency and extra with its version and hashes, and no tool of the developers."""
    uv = find_uv()
    demand(uv, "no uv that runs: neither on PATH nor in .tools")
    sbom = tmp_path / "sbom.json"
    script = (REPOSITORY / "scripts" / "build_release").read_text(encoding="utf-8")
    options = re.search(r"export (--quiet .*?) --output-file", script.replace("\\\n", " "))
    assert options is not None
    command = [str(uv), "export", *options[1].split(), "--output-file", str(sbom)]
    done = run(command, REPOSITORY, clean_environment())
    assert done.returncode == 0, done.stderr
    components = json.loads(sbom.read_text(encoding="utf-8"))["components"]
    names = {component["name"] for component in components}
    assert {
        "betterproto",
        "grpclib",
        "pydantic-core",
        "orjson",
        "mcp",
        "prometheus-client",
    } <= names
    assert names & {"pytest", "mypy", "hatchling", "zizmor"} == set()
    assert [one["name"] for one in components if "externalReferences" not in one] == []


def test_a_tag_that_is_not_the_version_is_refused(tmp_path: Path) -> None:
    """Before anything is built."""
    copy = tmp_path / "scripts"
    copy.mkdir()
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    shutil.copy(REPOSITORY / "scripts" / "build_release", copy)
    (copy / "bootstrap").write_text("#!/bin/sh\n", encoding="utf-8")
    (copy / "bootstrap").chmod(0o755)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    done = run([str(copy / "build_release"), "v99.0"], tmp_path, clean_environment())
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert done.returncode == 1
    assert f"the tag is v99.0, but the version in pyproject.toml is {version}" in done.stderr
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_follow_githubs_schema(workflow: Path) -> None:
    """A misspelt key would be found only when a release is due."""
    passes(checked("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow))


def test_workflows_are_safe() -> None:
    """Actions are pinned by commit, rights are as few as possible, and no input is executed."""
    assert [file.name for file in WORKFLOWS] == ["ci.yml", "release.yml"]
    passes(
        checked("zizmor", "--offline", "--quiet", "--no-config", "--persona=regular", *WORKFLOWS)
    )


def test_an_unsafe_workflow_is_found(tmp_path: Path) -> None:
    """The linter notices an action that is not pinned, and input that a shell would execute."""
    workflow = tmp_path / "release.yml"
    text = RELEASE.read_text(encoding="utf-8")
    text = re.sub(r"(download-artifact)@\w+", r"\1@main", text)
    workflow.write_text(text.replace('"$GITHUB_REF_NAME"', "${{ github.ref_name }}"))
    done = checked("zizmor", "--offline", "--quiet", "--no-config", workflow)
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout
    assert "template-injection" in done.stdout


def test_workflows_only_run_programs_that_exist() -> None:
    """The scripts that they call are in the repository, and can be run."""
    texts = [workflow.read_text(encoding="utf-8") for workflow in WORKFLOWS]
    called = {
        name
        for text in texts
        for name in re.findall(r"\b(?:scripts/\w+|\.ci/run)\b|\.ci/run", text)
    }
    assert called == {".ci/run", "scripts/audit", "scripts/build_release"}
    assert all(os.access(REPOSITORY / name, os.X_OK) for name in called)


def test_only_tested_and_attested_files_are_published() -> None:
    """Each job of the release waits for the one before, and only the last three have rights."""
    jobs = yaml.safe_load(RELEASE.read_text(encoding="utf-8"))["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "build": None,
        "test": "build",
        "compiled": "test",
        "attest": "compiled",
        "publish": "attest",
        "announce": "publish",
    }
    writing = {
        name: sorted(right for right, value in job["permissions"].items() if value == "write")
        for name, job in jobs.items()
    }
    assert writing == {
        "build": [],
        "test": [],
        "compiled": [],
        "attest": ["attestations", "id-token"],
        "publish": ["id-token"],
        "announce": ["contents"],
    }
    assert jobs["publish"]["environment"] == "pypi"


def test_compiled_wheels_are_not_published_to_pypi() -> None:
    """Installers would prefer them to the pure wheel; they are files of the release at the host."""
    jobs = yaml.safe_load(RELEASE.read_text(encoding="utf-8"))["jobs"]
    downloads = {
        name: [
            step["with"].get("name") or step["with"]["pattern"]
            for step in job["steps"]
            if "/download-artifact@" in step.get("uses", "")
        ]
        for name, job in jobs.items()
    }
    assert downloads["publish"] == ["dist"]
    assert downloads["attest"] == downloads["announce"] == ["dist", "compiled-*"]
