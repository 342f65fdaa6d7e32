"""The Dockerfile: that of new projects, without findings, and its steps make an agent that runs."""

import asyncio
import os
import shlex
import shutil
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping
from pathlib import Path

import pytest

from mirastack_sdk._cli.project.project_folder import write_project
from mirastack_sdk._cli.project.project_name import ProjectName
from mirastack_sdk._cli.project.project_template import project_files
from mirastack_sdk.testing import LocalEngine
from tests.deploy.checkers import checked, passes
from tests.deploy.dockerfile import Stage, stages
from tests.deploy.manifests import DOCKERFILE, at, container, image_variables, pod, services
from tests.e2e.free_port import free_port
from tests.e2e.scraped import scrape
from tests.wheel_installation import REPOSITORY, clean_environment, demand, find_uv, run

_TIMEOUT = 60.0


def new_project() -> Mapping[str, str]:
    """The files of a new project."""
    name = ProjectName.parse("my-agent")
    return project_files(name, description="Says hello", permission="read")


def stage(name: str) -> Stage:
    """A stage by its name; the image itself has none."""
    (found,) = [stage for stage in stages(DOCKERFILE) if stage.name == name]
    return found


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_it_is_that_of_new_projects(name: str) -> None:
    """What `mirastack-agent init my-agent` writes is what deploy/ has."""
    assert DOCKERFILE.with_name(name).read_text(encoding="utf-8") == new_project()[name]


def test_the_linter_has_nothing_to_say() -> None:
    """The linter knows what makes images large, slow to build, or unsafe."""
    passes(checked("hadolint", "--strict-labels", DOCKERFILE))


def test_the_linter_finds_faults(tmp_path: Path) -> None:
    """A Dockerfile that runs as root, from a base without a version, is noticed."""
    (tmp_path / "Dockerfile").write_text("FROM python\nUSER root\n", encoding="utf-8")
    found = checked("hadolint", tmp_path / "Dockerfile").stdout
    assert "DL3006" in found
    assert "DL3002" in found


def test_it_does_not_run_as_root() -> None:
    """The user is a number, which Kubernetes can compare, and the same everywhere."""
    image = stage("")
    user, group = image.all("USER")[-1].split(":")
    assert (at(pod(), "securityContext/runAsUser"), at(pod(), "securityContext/runAsGroup")) == (
        int(user),
        int(group),
    )
    assert at(services(), "my-agent/user") == f"{user}:{group}"
    names = [name for name, _ in image.instructions]
    assert "RUN" not in names[names.index("USER") :]


def test_it_listens_where_it_says() -> None:
    """The port that is exposed and probed is the one on which the agent listens."""
    image = stage("")
    port = image.variables()["MIRASTACK_PLUGIN_ADDR"].removeprefix(":")
    assert image.all("EXPOSE") == [port]
    assert image.command("HEALTHCHECK")[1] == f"-addr=127.0.0.1:{port}"
    assert at(container(), "ports/0/containerPort") == int(port)
    assert image.variables() == image_variables()


def test_the_context_has_what_is_copied() -> None:
    """What .dockerignore lets in is what the stages copy, and a lock file if there is one."""
    allowed = {line[1:] for line in new_project()[".dockerignore"].splitlines() if line[0] == "!"}
    copied = set()
    for text in stage("build").all("COPY"):
        words = text.split()
        if not words[0].startswith("--from="):
            copied |= {word.rstrip("*") for word in words[:-1]}
    assert copied == allowed


def wheels(folder: Path, uv: str) -> Path:
    """The folder of this SDK's wheel, of a version that new projects accept."""
    folder.mkdir()
    command = [uv, "build", "--quiet", "--python", sys.executable, "--wheel", "--out-dir"]
    done = run([*command, str(folder), str(REPOSITORY)], folder, clean_environment())
    demand(done.returncode == 0, f"uv build failed:\n{done.stderr}")
    return folder


def built(folder: Path, *, locks: bool) -> Path:
    """Follow the stage `build` in a folder, with a lock file or without.

    Returns what it leaves in /agent.
    """
    uv = find_uv()
    demand(uv, "no uv that runs: neither on PATH nor in .tools")
    assert uv is not None
    write_project(folder / "project", new_project())
    (folder / "build").mkdir()
    steps = stage("build")
    environment = clean_environment() | dict(steps.variables())
    environment |= {
        "PATH": os.pathsep.join([str(Path(uv).parent), os.environ["PATH"]]),
        "UV_FIND_LINKS": str(wheels(folder / "wheels", uv)),
        "UV_NO_CACHE": "0",  # which would only take longer here
        "UV_PROJECT_ENVIRONMENT": str(folder / "agent"),
        "UV_PYTHON": sys.executable,
    }
    if locks:
        assert run([uv, "lock"], folder / "project", environment).returncode == 0
    for name, text in steps.instructions:
        words = shlex.split(text)
        if name == "COPY" and not words[0].startswith("--from="):
            copy(folder / "project", folder / "build", words)
        if name == "RUN":
            done = run(["sh", "-c", text], folder / "build", environment)
            assert done.returncode == 0, f"{text} failed:\n{done.stderr}"
    return folder / "agent"


def copy(source: Path, target: Path, words: list[str]) -> None:
    """Copy as Docker does: a folder is what it contains."""
    *sources, into = words
    for pattern in sources:
        for path in source.glob(pattern):
            if path.is_dir():
                shutil.copytree(path, target / into)
            else:
                shutil.copy(path, target / into)


def test_a_lock_file_is_obeyed(tmp_path: Path) -> None:
    """What the agent needs is installed before its code is there, and the file stays as it is."""
    agent = built(tmp_path, locks=True)
    assert (agent / "bin" / "my-agent").exists()
    used, written = (tmp_path / folder / "uv.lock" for folder in ("build", "project"))
    assert used.read_bytes() == written.read_bytes()


async def test_its_steps_make_an_agent(tmp_path: Path) -> None:
    """The environment of the stage `build` serves an agent, with metrics, and ends on SIGTERM."""
    agent = await asyncio.to_thread(built, tmp_path, locks=False)
    image = stage("")
    program = Path(image.command("ENTRYPOINT")[0]).relative_to("/agent")
    assert list((agent / "lib").rglob("agent.cpython-*.pyc")), "compiled, for a read-only system"
    metrics = free_port()
    async with asyncio.timeout(_TIMEOUT), LocalEngine() as engine:
        process = await asyncio.create_subprocess_exec(
            agent / program,
            cwd=tmp_path,
            env=clean_environment()
            | dict(image.variables())
            | {
                "MIRASTACK_ENGINE_ADDR": engine.address,
                "MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0",
                "MIRASTACK_METRICS_ADDR": f"127.0.0.1:{metrics}",
            },
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        try:
            registered = await engine.wait_registered("my_agent", timeout=_TIMEOUT)
            assert (await registered.execute("list_services")).success
            page = await asyncio.to_thread(scrape, metrics)
            assert page.value("mirastack_agent_registered") == 1
            process.terminate()
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
