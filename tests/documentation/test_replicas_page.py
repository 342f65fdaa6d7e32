"""docs/replicas.md: the proxies accept the configurations that it shows."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.documentation.documentation import REPOSITORY

PAGE = (REPOSITORY / "docs" / "replicas.md").read_text(encoding="utf-8")
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def blocks(language: str) -> list[str]:
    """The blocks of a language, of which there is at least one."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found


def require(program: str) -> None:
    """Skip the test where a program is not installed."""
    if shutil.which(program, path=PATH) is None:
        pytest.skip(f"no {program}: apt-get install {program}")


def check(*command: str) -> None:
    """Run a program that checks a configuration."""
    checked = subprocess.run(
        command, capture_output=True, text=True, env={"PATH": PATH}, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_haproxy_accepts_its_configuration(tmp_path: Path) -> None:
    """In both modes that the page describes."""
    require("haproxy")
    (text,) = blocks("haproxy")
    in_tcp_mode = text.replace("mode http", "mode tcp").replace(" proto h2", "")
    for number, mode in enumerate((text, in_tcp_mode)):
        path = tmp_path / f"{number}.cfg"
        path.write_text(mode, encoding="utf-8")
        check("haproxy", "-c", "-f", str(path))


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    """Within `http`; it would bind the port, so it gets a socket in a folder instead."""
    require("nginx")
    (text,) = blocks("nginx")
    site = text.replace("listen 9000", f"listen unix:{tmp_path}/socket")
    assert site != text
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off; {site} }}\n",
        encoding="utf-8",
    )
    check("nginx", "-t", "-p", str(tmp_path), "-c", str(path))


def test_the_other_blocks_are_yaml() -> None:
    """A Service of Kubernetes and a cluster of Envoy."""
    service, envoy = map(yaml.safe_load, blocks("yaml"))
    assert service["kind"] == "Service"
    (cluster,) = envoy["clusters"]
    assert cluster["health_checks"][0]["grpc_health_check"] == {"service_name": "readiness"}
