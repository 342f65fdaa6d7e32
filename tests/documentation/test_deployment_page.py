"""docs/deployment.md, followed as an operator does: each block runs, or the page says why not."""

import asyncio
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
import yaml

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.process import SPARE_SECONDS
from mirastack_sdk.testing import LocalEngine
from tests.deploy.checkers import checked, kubectl, passes, systemd_analyze
from tests.deploy.deploy_files import RULES, alerts, promtool
from tests.deploy.manifests import (
    COMPOSE,
    KUBERNETES,
    UNIT,
    at,
    compose_variables,
    container,
    items,
    number,
    pod,
    pod_variables,
    seconds,
    services,
    table,
    unit_settings,
)
from tests.deploy.prometheus_api import values_of
from tests.documentation.deployment_page import (
    BLOCKS,
    COMMANDS,
    TEXT,
    TIMEOUT,
    block,
    blocks,
    shell,
)
from tests.documentation.documentation import REPOSITORY
from tests.documentation.page_blocks import PageBlock
from tests.e2e.agent_process import AgentProcess
from tests.e2e.free_port import free_port
from tests.examples.metrics_backends import listening
from tests.wheel_installation import clean_environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project that the page prepares."""
    (tmp_path / "mirastack-agents-sdk-python").symlink_to(REPOSITORY)
    shell(block("mirastack-agent init"), tmp_path)
    return tmp_path / "my-agent"


RUN = {
    "mirastack-agent init my-agent": "test_the_project_has_what_is_deployed",
    "MIRASTACK_ENGINE_ADDR=engine:9090": "test_the_agent_registers_and_is_scraped",
    "$ curl": "test_the_agent_registers_and_is_scraped",
    "mkdir -p deploy/docker/secrets": "test_the_secret_is_where_compose_reads_it",
    "kubectl -n mirastack-agents create secret": "test_the_secret_is_what_the_pods_mount",
    "egress-policy.yaml": "test_the_policy_follows_the_schemas",
    "tls.yaml": "test_the_patch_for_tls_makes_valid_manifests",
    "install -D -m 644 deploy/systemd": "test_the_unit_and_the_launcher_are_installed",
    "install -D -m 755 deploy/plugins.d": "test_the_unit_and_the_launcher_are_installed",
    "my-agent.env": "test_the_settings_of_the_unit_are_valid",
    "secrets.conf": "test_systemd_accepts_the_secret",
    "prometheus.yml": "test_prometheus_accepts_the_jobs",
}
"""Which test runs each block."""


def test_every_block_runs_or_says_why_not() -> None:
    """A block is either in the table of tests, or has a reason of a whole sentence."""
    unknown = [
        one.name
        for one in BLOCKS
        if bool(one.reason) == any(one.name.startswith(name) for name in RUN)
    ]
    assert unknown == []
    assert [name for name in RUN if not any(one.name.startswith(name) for one in BLOCKS)] == []
    assert [name for name in RUN.values() if name not in globals()] == []
    reasons = [one.reason for one in BLOCKS if one.reason]
    assert all(reason.startswith("needs ") or "tests/" in reason for reason in reasons)


def test_what_reasons_name_exists() -> None:
    """A test that does in part what a block says is there."""
    named = {path for one in BLOCKS for path in re.findall(r"tests/[\w/]+\.py", one.reason)}
    assert named
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


def test_the_project_has_what_is_deployed(project: Path) -> None:
    """A Dockerfile, and the files that operators edit."""
    assert (project / "Dockerfile").exists()
    assert (project / "deploy" / "kubernetes" / "settings.env").exists()
    assert (project / "deploy" / "docker" / str(at(services(), "my-agent/build"))).samefile(project)


@asynccontextmanager
async def started(
    project: Path, ports: Mapping[str, str], engine: str
) -> AsyncIterator[AgentProcess]:
    """Start the agent with the page's command, on ports that are free, and stop it."""
    (command,) = block("MIRASTACK_ENGINE_ADDR=engine:9090").commands
    for printed, used in {**ports, "engine:9090": engine}.items():
        assert printed in command
        command = command.replace(printed, used)
    search = [str(project / "src"), os.environ.get("PYTHONPATH", "")]
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", f"{COMMANDS}{command}"),
        cwd=project,
        env=clean_environment() | {"PYTHONPATH": os.pathsep.join(search)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    agent = AgentProcess(process)
    try:
        yield agent
        agent.signal(signal.SIGINT)
        assert await agent.ended() == 0
    finally:
        if process.returncode is None:
            process.kill()
        await agent.ended()


async def test_the_agent_registers_and_is_scraped(project: Path, tmp_path: Path) -> None:
    """By hand, curl shows what the page shows; and Prometheus reads it with the page's job."""
    metrics = str(free_port())
    ports = {":50051": "127.0.0.1:0", ":9464": f"127.0.0.1:{metrics}"}
    async with (
        asyncio.timeout(2 * TIMEOUT),
        LocalEngine() as engine,
        started(project, ports, engine.address) as agent,
    ):
        (promised,) = re.findall(r"The log says `(.+?)`", TEXT)
        await agent.logged(promised)
        asked = block("$ curl")
        local = PageBlock(text=asked.text.replace("9464", metrics), language="", reason="")
        shown = await asyncio.to_thread(shell, local, tmp_path)
        assert shown.splitlines() == asked.printed.splitlines()
        await scraped_by_prometheus(tmp_path, f"127.0.0.1:{metrics}")


async def scraped_by_prometheus(folder: Path, target: str) -> None:
    """Return when a real Prometheus has read the agent's metrics with the job of the page."""
    text = blocks("prometheus.yml")[1].text.replace("this-host.internal:9464", target)
    (folder / "mirastack-agent.rules.yml").write_bytes(RULES.read_bytes())
    quick = "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
    (folder / "prometheus.yml").write_text(quick + text, encoding="utf-8")
    with ExitStack() as entered:
        url = await asyncio.to_thread(entered.enter_context, listening("prometheus", folder))
        while await asyncio.to_thread(values_of, url, "mirastack_agent_registered") != ["1"]:
            pass


def test_the_secret_is_where_compose_reads_it(project: Path) -> None:
    """The commands write the file that the compose file names, readable for the container."""
    shell(block("mkdir -p deploy/docker/secrets"), project, BACKEND_TOKEN="made-up")
    file = str(at(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")), "secrets/token/file"))
    written = project / "deploy" / "docker" / file
    assert written.read_text(encoding="utf-8") == "made-up"
    assert written.stat().st_mode & 0o777 == 0o444
    assert f"{written.parent.name}/\n" in (project / ".gitignore").read_text(encoding="utf-8")


def test_the_secret_is_what_the_pods_mount(tmp_path: Path) -> None:
    """The Secret has the name of the volume, and a key that is the file of the setting."""
    (tmp_path / "token").write_text("made-up", encoding="utf-8")
    (command,) = block("kubectl -n mirastack-agents create secret").commands
    _, *arguments = shlex.split(command.replace("=token", f"={tmp_path}/token"))
    made = yaml.safe_load(passes(kubectl(*arguments, "--dry-run=client", "-o", "yaml")))
    mounted = {at(one, "name"): one for one in items(pod(), "volumes")}["secrets"]
    assert at(made, "metadata/name") == at(mounted, "secret/secretName")
    assert table(made, "data").keys() == {Path(pod_variables()["MY_AGENT_TOKEN_FILE"]).name}
    assert at(made, "metadata/namespace") == _namespace()


def _namespace() -> str:
    """The namespace of everything."""
    text = (KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8")
    return str(at(yaml.safe_load(text), "namespace"))


def test_the_policy_follows_the_schemas(tmp_path: Path) -> None:
    """And selects the Pods."""
    text = block("egress-policy.yaml").text
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    passes(checked("kubernetes-validate", "--strict", tmp_path / "policy.yaml"))
    policy = yaml.safe_load(text)
    own = yaml.safe_load((KUBERNETES / "network-policy.yaml").read_text(encoding="utf-8"))
    assert at(policy, "spec/podSelector") == at(own, "spec/podSelector")


def test_the_patch_for_tls_makes_valid_manifests(project: Path) -> None:
    """Each probe runs the program of the image, and the certificate is mounted."""
    folder = project / "deploy" / "kubernetes"
    (folder / "tls.yaml").write_text(block("tls.yaml").text, encoding="utf-8")
    (added,) = re.findall(r"`(patches: .+?)`", TEXT)
    with (folder / "kustomization.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{added}\n")
    made = passes(kubectl("kustomize", folder))
    (folder / "made.yaml").write_text(made, encoding="utf-8")
    passes(checked("kubernetes-validate", "--strict", folder / "made.yaml"))
    (patched,) = [one for one in yaml.safe_load_all(made) if one["kind"] == "Deployment"]
    agent = at(patched, "spec/template/spec/containers/0")
    for name, service in (("startup", "liveness"), ("liveness", "liveness"), ("readiness",) * 2):
        probe = at(agent, f"{name}Probe")
        assert isinstance(probe, dict)
        assert "grpc" not in probe
        assert f"-service={service}" in items(probe, "exec/command")
        assert probe["periodSeconds"] == at(container(), f"{name}Probe/periodSeconds")
    program = at(agent, "livenessProbe/exec/command/0")
    assert f"{program}\n" in (project / "Dockerfile").read_text(encoding="utf-8")


def test_the_unit_and_the_launcher_are_installed(project: Path) -> None:
    """Where systemd and the engine look for them."""
    shell(block("install -D -m 644 deploy/systemd"), project)
    shell(block("install -D -m 755 deploy/plugins.d"), project)
    root = project / "root"
    unit = root / "etc" / "systemd" / "system" / UNIT.name
    assert unit.read_bytes() == UNIT.read_bytes()
    (environment,) = unit_settings()["EnvironmentFile"]
    assert (root / environment.lstrip("/")).parent.is_dir()
    assert os.access(root / "var" / "lib" / "mirastack" / "plugins" / "my-agent", os.X_OK)


def test_the_settings_of_the_unit_are_valid() -> None:
    """The SDK accepts the file of variables."""
    lines = block("my-agent.env").text.splitlines()[1:]
    settings = Settings.from_mapping(dict(line.split("=", 1) for line in lines))
    assert settings.tenant_id


def test_systemd_accepts_the_secret(tmp_path: Path) -> None:
    """As a part of the unit."""
    unit = re.sub(
        r"(?<=^ExecStart=).*$", sys.executable, UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    (tmp_path / UNIT.name).write_text(unit, encoding="utf-8")
    folder = tmp_path / f"{UNIT.name.replace('@', '@my-agent')}.d"
    folder.mkdir()
    (folder / "secrets.conf").write_text(block("secrets.conf").text, encoding="utf-8")
    instance = folder.name.removesuffix(".d")
    done = systemd_analyze("verify", "--man=no", instance, folder=tmp_path)
    assert passes(done) + done.stderr == ""


@pytest.mark.parametrize("which", [0, 1], ids=["kubernetes", "systemd"])
def test_prometheus_accepts_the_jobs(which: int, tmp_path: Path) -> None:
    """Each is valid, and has a name by which the alert finds agents."""
    config = yaml.safe_load(blocks("prometheus.yml")[which].text)
    job = at(config, "scrape_configs/0")
    assert isinstance(job, dict)
    # Debian builds Prometheus without what finds Pods.
    found = job.pop("kubernetes_sd_configs", None)
    if which == 0:
        assert found == [{"role": "pod", "namespaces": {"names": [_namespace()]}}]
        assert "regex: metrics" in blocks("prometheus.yml")[which].text
        assert "metrics" in [at(one, "name") for one in items(container(), "ports")]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / "mirastack-agent.rules.yml").write_bytes(RULES.read_bytes())
    promtool("check", "config", "prometheus.yml", folder=tmp_path)
    (pattern,) = re.findall(r'job=~"(.+?)"', alerts()["MirastackAgentDown"])
    assert re.fullmatch(pattern, str(job["job_name"]))


def test_its_times_are_those_of_the_files() -> None:
    """The tables about stopping have the values of the files, and their sum."""
    section = TEXT.partition("## How long a stop takes")[2]
    rows = re.findall(r"^\| .+? \| (\d+) s \| .*\|$", section, re.MULTILINE)
    steps = [int(text) for text in rows[:3]]
    own = {name: text for name, text in pod_variables().items() if "_SHUTDOWN_" in name}
    settings = Settings.from_mapping(own)
    expected = [settings.shutdown_delay, settings.shutdown_grace, SPARE_SECONDS]
    assert steps == expected
    assert f"These {sum(steps)} s" in section
    waiting: Mapping[str, Callable[[], int]] = {
        "terminationGracePeriodSeconds": lambda: number(pod(), "terminationGracePeriodSeconds"),
        "stop_grace_period": lambda: seconds(at(services(), "my-agent/stop_grace_period")),
        "TimeoutStopSec": lambda: seconds(unit_settings()["TimeoutStopSec"][0]),
    }
    for name, value in waiting.items():
        assert re.search(rf"^\| `{name}` \| {value()}( s)? \|", section, re.MULTILINE), name


def test_it_names_every_file() -> None:
    """The files of deploy/kubernetes that are not edited stand in its table."""
    section = TEXT.partition("## Kubernetes")[2]
    listed = set(re.findall(r"^\| `([\w-]+\.yaml)` \|", section, re.MULTILINE))
    edited = {"kustomization.yaml", "namespace.yaml"}
    assert listed == {path.name for path in KUBERNETES.glob("*.yaml")} - edited


def test_the_secret_is_the_agents(project: Path) -> None:
    """The files set the variable of the config of a new project."""
    config = (project / "src" / "my_agent" / "config.py").read_text(encoding="utf-8")
    (stated,) = re.findall(r"`Env\(\"(\w+)\"\)`", TEXT)
    assert f'Env("{stated}")' in config
    used = {*pod_variables(), *compose_variables()}
    assert {name for name in used if name.endswith("_FILE")} == {f"{stated}_FILE"}
    assert f"Environment={stated}_FILE=" in block("secrets.conf").text


def test_its_alerts_exist() -> None:
    """Each alert that it names is in the rules."""
    named = set(re.findall(r"^\| `(MirastackAgent\w+)` \|", TEXT, re.MULTILINE))
    assert named <= set(alerts())
    assert len(named) >= 5


def test_its_variables_are_used() -> None:
    """What it says of the age of connections is what the files set."""
    (age,) = re.findall(r"`MIRASTACK_PLUGIN_MAX_CONNECTION_AGE=(\d+)`", TEXT)
    assert pod_variables()["MIRASTACK_PLUGIN_MAX_CONNECTION_AGE"] == age
    assert compose_variables()["MIRASTACK_PLUGIN_MAX_CONNECTION_AGE"] == age
