"""The compose file: valid, restricted, and with a Prometheus that finds the replicas."""

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.checkers import checked
from tests.deploy.deploy_files import REPOSITORY, alerts, promtool
from tests.deploy.manifests import (
    COMPOSE,
    at,
    compose_variables,
    document,
    image_variables,
    items,
    services,
    table,
)

SCRAPED = COMPOSE.with_name("prometheus.yml")


def validated(path: Path) -> int:
    """Compare a file with the schema of the Compose Specification; return the status."""
    return checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path).returncode


def test_it_follows_the_schema(tmp_path: Path) -> None:
    """Each field exists and has the right type, and one that does not exist is noticed."""
    assert validated(COMPOSE) == 0
    text = COMPOSE.read_text(encoding="utf-8").replace("stop_grace_period", "stop_grace")
    (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
    assert validated(tmp_path / "compose.yaml") == 1


@pytest.mark.parametrize("name", services())
def test_services_are_restricted(name: str) -> None:
    """No root, no capabilities, nothing to write to that is not meant for it, and limits."""
    service = services()[name]
    assert str(at(service, "user")) not in ("root", "0", "0:0")
    assert at(service, "read_only") is True
    assert at(service, "cap_drop") == ["ALL"]
    assert at(service, "security_opt") == ["no-new-privileges:true"]
    assert set(table(service, "deploy/resources/limits")) == {"cpus", "memory", "pids"}
    assert at(service, "restart") == "unless-stopped"


def test_prometheus_finds_the_replicas(tmp_path: Path) -> None:
    """By the name of their service, on the port of the settings, with a job of the alerts."""
    scraped = at(document(SCRAPED), "scrape_configs/0")
    found = at(scraped, "dns_sd_configs/0")
    assert at(found, "names/0") in services()
    assert f":{at(found, 'port')}" == compose_variables()["MIRASTACK_METRICS_ADDR"]
    (pattern,) = re.findall(r'job=~"(.+?)"', alerts()["MirastackAgentDown"])
    assert re.fullmatch(pattern, str(at(scraped, "job_name")))
    for entry in items(services()["prometheus"], "volumes")[:2]:
        source = (COMPOSE.parent / str(entry).partition(":")[0]).resolve()
        (tmp_path / source.name).write_bytes(source.read_bytes())
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml", folder=tmp_path)


def test_the_engine_dials_the_service() -> None:
    """The advertised address is the service's name, which leads to all replicas."""
    name, _, port = compose_variables()["MIRASTACK_PLUGIN_ADVERTISE_ADDR"].partition(":")
    assert name in services()
    assert f":{port}" == image_variables()["MIRASTACK_PLUGIN_ADDR"]


def test_it_builds_the_folder_that_deploy_was_copied_into() -> None:
    """The image is that of the project's Dockerfile."""
    context = COMPOSE.parent / str(at(services(), "my-agent/build"))
    assert context.resolve() == REPOSITORY


def test_secrets_are_files() -> None:
    """The secret has the file of the setting."""
    (name,) = items(services(), "my-agent/secrets")
    assert compose_variables()["MY_AGENT_TOKEN_FILE"] == f"/run/secrets/{name}"
    assert table(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")), f"secrets/{name}").keys() == {
        "file"
    }
