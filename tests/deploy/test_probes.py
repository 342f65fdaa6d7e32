"""The probes of the image and of the page about TLS, against agents that they may find."""

from pathlib import Path

import pytest
import yaml

from tests.deploy.dockerfile import stages
from tests.deploy.health_probe import probe
from tests.deploy.manifests import DOCKERFILE, at, items
from tests.documentation.documentation import REPOSITORY
from tests.documentation.page_blocks import page_blocks
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import Authority
from tests.runtime.standard_services.agents import Patient

NAMES = ["startupProbe", "readinessProbe", "livenessProbe"]
_FOLDER = "/etc/my-agent/tls"


def patch() -> object:
    """The container in the patch that the page has for TLS."""
    page = page_blocks(REPOSITORY / "docs" / "deployment.md")
    (text,) = [block.text for block in page if block.name == "tls.yaml"]
    return at(yaml.safe_load(text), "spec/template/spec/containers/0")


def certificates(folder: Path, name: str) -> dict[str, str]:
    """Write what the Secret has, and return the patch's settings for this folder."""
    authority = Authority(folder)
    issued = authority.issue(name)
    issued.certificate.rename(folder / "tls.crt")
    issued.key.rename(folder / "tls.key")
    authority.ca.rename(folder / "ca.crt")
    return {
        str(at(entry, "name")): str(at(entry, "value")).replace(_FOLDER, str(folder))
        for entry in items(patch(), "env")
    }


def command(name: str) -> list[str]:
    """The command of a probe of the patch."""
    return [str(word) for word in items(patch(), f"{name}/exec/command")]


@pytest.mark.parametrize("name", NAMES)
async def test_probes_pass_with_tls(name: str, tmp_path: Path) -> None:
    """With the certificate that the page asks for, for the name in the probe."""
    environ = certificates(tmp_path, "my-agent")
    async with served(Patient(), **environ) as port:
        assert await probe(command(name), port, tmp_path)


async def test_probes_fail_with_the_certificate_of_another_name(tmp_path: Path) -> None:
    """As the page says, the name must be in the certificate."""
    environ = certificates(tmp_path, "another-agent")
    async with served(Patient(), **environ) as port:
        assert not await probe(command("livenessProbe"), port, tmp_path)


async def test_probes_without_tls_fail_with_tls(tmp_path: Path) -> None:
    """The check of the image has to be replaced, as the page says."""
    environ = certificates(tmp_path, "my-agent")
    async with served(Patient(), **environ) as port:
        assert not await probe(health_check(), port)


def health_check() -> list[str]:
    """The command by which Docker learns whether a container is healthy."""
    *_, image = stages(DOCKERFILE)
    return image.command("HEALTHCHECK")


async def test_the_check_of_the_image_passes() -> None:
    """An agent that serves is healthy."""
    async with served(Patient()) as port:
        assert await probe(health_check(), port)


@pytest.mark.parametrize(("setting", "passes"), [("true", True), ("false", False)])
async def test_with_a_token_a_setting_lets_the_check_in(setting: str, *, passes: bool) -> None:
    """It sends no token, so the page names the setting."""
    environ = {
        "MIRASTACK_AUTH_TOKEN": "correct-horse-battery-staple",
        "MIRASTACK_PLUGIN_HEALTH_WITHOUT_TOKEN": setting,
    }
    async with served(Patient(), **environ) as port:
        assert await probe(health_check(), port) is passes
