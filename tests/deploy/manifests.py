"""The files with which agents are deployed: documents of YAML, and files of variables."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from tests.deploy.deploy_files import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
COMPOSE = DEPLOY / "docker" / "compose.yaml"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
UNIT = DEPLOY / "systemd" / "mirastack-agent@.service"
LAUNCHER = DEPLOY / "plugins.d" / "my-agent"

# What kustomize makes manifests of, values for Helm, and a kind that only an operator brings.
NO_MANIFESTS = {"kustomization.yaml", "prometheus-adapter.yaml", "pod-monitor.yaml"}
MANIFESTS = sorted(set(KUBERNETES.glob("*.yaml")) - {KUBERNETES / name for name in NO_MANIFESTS})


def documents(path: Path) -> list[object]:
    """The documents of a file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def document(path: Path) -> object:
    """The only document of a file."""
    (only,) = documents(path)
    return only


def at(value: object, path: str) -> object:
    """What is under keys and numbers that are separated by slashes; fails if it is not there."""
    for key in path.split("/"):
        if isinstance(value, list):
            value = value[int(key)]
        else:
            assert isinstance(value, dict), f"{path}: {key} is not in {value!r}"
            assert key in value, f"{path}: there is no {key}"
            value = value[key]
    return value


def items(value: object, path: str) -> list[object]:
    """The list under such a path."""
    found = at(value, path)
    assert isinstance(found, list)
    return found


def table(value: object, path: str) -> dict[str, object]:
    """The mapping under such a path."""
    found = at(value, path)
    assert isinstance(found, dict)
    return found


def number(value: object, path: str) -> int:
    """The whole number under such a path."""
    found = at(value, path)
    assert isinstance(found, int)
    return found


def strings_in(value: object) -> Iterator[tuple[str, object]]:
    """Each key with its value that is neither a list nor a mapping, however deep."""
    if isinstance(value, dict):
        for key, below in value.items():
            if isinstance(below, dict | list):
                yield from strings_in(below)
            else:
                yield str(key), below
    elif isinstance(value, list):
        for below in value:
            yield from strings_in(below)


def seconds(text: object) -> int:
    """A time such as `30s`."""
    found = re.fullmatch(r"(\d+)s", str(text))
    assert found is not None, text
    return int(found[1])


def deployment() -> object:
    """The Deployment."""
    return document(KUBERNETES / "deployment.yaml")


def pod() -> object:
    """What a Pod of the Deployment is."""
    return at(deployment(), "spec/template/spec")


def container() -> object:
    """The only container of such a Pod."""
    (only,) = items(pod(), "containers")
    return only


def services() -> Mapping[str, object]:
    """The services of the compose file."""
    return table(document(COMPOSE), "services")


def image_variables() -> dict[str, str]:
    """The variables of the image in which an agent runs."""
    *_, last = DOCKERFILE.read_text(encoding="utf-8").split("\nFROM ")
    return dict(re.findall(r"^(?:ENV|   ) *([A-Z_]+)=(\S+)", last, re.MULTILINE))


def compose_variables() -> dict[str, str]:
    """The variables of an agent of the compose file."""
    found = table(services(), "my-agent/environment")
    return {name: str(text) for name, text in found.items()}


def pod_variables() -> dict[str, str]:
    """The variables of a Pod's container, but those that only a cluster knows."""
    lines = (KUBERNETES / "settings.env").read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    for entry in items(container(), "env"):
        assert isinstance(entry, dict)
        if "value" in entry:
            variables[str(entry["name"])] = str(entry["value"])
    return variables


def unit_settings() -> dict[str, list[str]]:
    """The values of each setting of the unit, in their order."""
    found: dict[str, list[str]] = {}
    lines = re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    for name, text in lines:
        found.setdefault(name, []).append(text)
    return found
